"""Sentences with identifiers in them, by kind: the identifier stands between « and ».

The numbers are those that their issuers, or `stdnum`, give as examples.
"""

_SENTENCES = r"""
lei                 the issuer is «213800KUD8LAJWSQ9D15», see below
isin                we hold «US0378331005».
isin                («DE000BAY0017»)
bic                 BIC: «DEUTDEFF500»
bic                 my bank's SWIFT code is «NEDSZAJJ»
bitcoin             pay to «1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2»
bitcoin             «bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4», thanks
bitcoin             «bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0»
ethereum            send it to «0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed» today
ethereum            «0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed»
mac                 the printer («00:1B:44:11:3a:b7») is off
mac                 «00-1B-44-11-3A-B7»
mac                 «001b.4411.3ab7»
imei                IMEI «49-015420-323751-8»
imei                imei=«490154203237518»
uuid                user «550e8400-e29b-41d4-a716-446655440000» left
us_itin             «912-90-3456»
us_itin             ITIN «912 90 3456»
us_atin             the ATIN is «912-93-3456»
us_ptin             PTIN: «P01594846»
us_ein              our EIN is «91-1144442»
us_routing          routing number «111000025»
us_npi              NPI «1234567893»
us_mbi              «1EG4-TE5-MK73»
us_mbi              my Medicare number is «1EG4TE5MK73»
ca_sin              SIN: «130 692 544»
br_cpf              «390.533.447-05»
br_cpf              CPF «39053344705»
br_cnpj             «16.727.230/0001-97»
br_cnpj             CNPJ nº «16727230000197»
mx_curp             «BOXW310820HNERXN09»
mx_rfc              «VACE460910SX6»
ar_dni              DNI «20.123.456»
ar_cuit             «20-05536168-2»
ar_cuit             CUIT «20055361682»
cl_rut              «12.531.909-2»
cl_rut              RUT: «12531909-2»
co_nit              NIT «213.123.432-1»
do_cedula           mi cédula es «001-1391820-5»
ec_ci               cédula: «1714307103»
gb_nhs              my NHS number is «943 476 5870»
gb_nhs              "nhs_number": "«9434765870»"
gb_nino             «AB123456C»
gb_nino             «AB 12 34 56 C»
gb_nino             my national insurance number is «ab123456c»
gb_utr              UTR «19558 39661»
gb_driving_licence  «MORGA657054SM9IJ»
ie_pps              PPS no. «6433435OA»
fr_nir              «2 95 10 99 126 111 93»
fr_nir              «253072B07300470»
fr_nif              numéro fiscal : «30 23 217 600 053»
fr_siret            SIRET «732 829 320 00074»
fr_siren            SIREN: «404 833 048»
de_idnr             Meine Steuer-ID lautet «36 574 261 809»
de_idnr             steuerliche Identifikationsnummer: «36574261809»
de_pension          «15 070649 C 103»
de_pension          «65170839J003»
de_identity_card    Personalausweis Nr. «T220001293»
de_identity_card    mein Personalausweis: «L01X00T47»
at_svnr             SVNR: «1237 010180»
ch_ahv              «756.9217.0769.85»
ch_ahv              AHV-Nr. «7569217076985»
nl_bsn              mijn BSN is «111222333»
be_nn               «85.07.30-033.28»
be_nn               rijksregisternummer «85 07 30 033 28»
lu_matricule        matricule «1893 12 01 057 32»
se_personnummer     «880320-0016»
se_personnummer     personnummer «19880320 0016»
fi_hetu             «131052-308T»
dk_cpr              CPR-nummer: «211062-5629»
no_fodselsnummer    fødselsnummer «151086 95088»
is_kennitala        kennitala: «450401-3150»
ee_ik               isikukood «36805280109»
lv_pk               personas kods: «161175-19997»
lt_ak               asmens kodas «33309240064»
pt_nif              NIF «501 964 843»
pt_cc               cartão de cidadão «00000000 0 ZZ4»
es_dni              «54362315K»
es_dni              DNI: «54.362.315-K»
es_nie              «X2482300W»
es_nie              mi NIE es «x-2482300-w»
es_cif              CIF «J99216582»
it_codice_fiscale   «RCCMNL83S18D969H»
it_codice_fiscale   codice fiscale: «RCC MNL 83S18 D969H»
it_partita_iva      P.IVA «00743110157»
gr_amka             AMKA «01013099997»
gr_afm              ΑΦΜ: «094259216»
pl_pesel            PESEL: «44051401359»
pl_nip              NIP «856-734-62-15»
pl_identity_card    dowód osobisty «ABS 123456»
cz_rc               «710319/2745»
cz_rc               rodné číslo: «7103192745»
hu_taj              TAJ szám: «111 111 110»
hu_tax_id           adóazonosító jel: «8071592153»
si_emso             EMŠO «0101006500006»
hr_oib              OIB: «33392005961»
ro_cnp              CNP «1630615123457»
bg_egn              ЕГН «8032056031»
ua_rntrc            РНОКПП: «1759013776»
ru_snils            СНИЛС «112-233-445 95»
ru_inn              ИНН «123456789047»
tr_kimlik           TC Kimlik No: «17291716060»
tr_vkn              VKN «4540536920»
il_id               teudat zehut «039337423»
za_id               ID number «7503305044089»
ng_nin              NIN «12345678901»
ng_bvn              BVN: «22345678901»
in_aadhaar          my Aadhaar is «2341 2341 2346»
in_pan              «ACUPA7085R»
in_gstin            «27AAPFU0939F1ZV»
in_voter            voter ID «WKH1186253»
pk_cnic             CNIC «34201-0891231-8»
ph_umid             UMID CRN «0111-2345678-9»
ph_sss              SSS number «33-1234567-8»
ph_philhealth       PhilHealth «12-025476891-4»
cn_ric              «360426199101010071»
cn_ric              身份证号«360426199101010071»
hk_hkid             «A123456(3)»
hk_hkid             HKID: «A1234563»
tw_id               身分證字號:«A123456789»
kr_rrn              «971013-1019901»
kr_rrn              주민등록번호 «971013 1019901»
jp_my_number        マイナンバー: «6214 9832 0257»
sg_nric             «S1234567D»
sg_nric             my NRIC is «s1234567d»
my_nric             «770305-02-1234»
my_nric             MyKad «770305 02 1234»
id_nik              NIK: «3171011708450001»
th_pin              «1-2345-45678-78-1»
th_pin              Thai ID «1234545678781»
au_tfn              my TFN is «123 456 782»
au_abn              ABN «51 824 753 556»
au_abn              ACN «004 085 616»
au_medicare         Medicare card «2123 45670 1»
nz_ird              IRD «49-098-576»
passport            my passport number is «C01X00T47»
passport            passport no. «925665416»
driving_licence     driver's license: «F255-9215-0094»
driving_licence     Führerschein «B072RRE2I55»
"""

EXAMPLES: tuple[tuple[str, str, str, str], ...] = tuple(
    (name, before, value, behind)
    for name, sentence in (line.split(maxsplit=1) for line in _SENTENCES.strip().splitlines())
    for before, _, rest in [sentence.partition("«")]
    for value, _, behind in [rest.partition("»")]
)
"""The name of the kind, what stands before the identifier, the identifier, what stands behind it."""
