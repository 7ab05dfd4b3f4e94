"""Look-alikes: letters that a person takes for a Latin one.

From Unicode's confusables (UTS 39, confusables.txt 17.0), one letter for one letter. In two kinds, for what
is a disguise in one word is a word in another: letters of other scripts count only beside Latin ones (see
`folded.py`), letters that no orthography of today uses count everywhere. Latin letters of living languages
(ø, ł, ə, ɛ) are none: a Dane does not disguise anything.
"""

# ruff: noqa: RUF001 (letters that look like others are what this file is about)

_CYRILLIC = (
    "АВЕЅІЈКМНОРСТУХЗЬԌԚԜҮҰѴҪӨЄѲҺӀавеѕіјкмнорстухгзпьёԁһӏԛԝүұѵѡҫҽөєѳ",
    "ABESIJKMHOPCTYX3bGQWYYVCOEOHIabesijkmhopctyxr3nbedhlqwyyvwceoeo",
)
_GREEK = (
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳαβεηικνορςτυχωϲγόίϊάέύή",
    "ABEZHIKMNOPTYXCjabenikvopctuxwcyoiiaeun",
)
_ARMENIAN = ("ՍՏՕԼսհոօզցյքւ", "USOLuhnoqgjfi")
_CHEROKEE = (
    "ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᏀᏂᏃᏋᏌᏎᏏᏒᏔᏙᏚᏞᏟᏢᏦᏧᏴ",
    "DRTiAJEWMHGhZEU4bRWVSLCPKdB",
)
_LISU = ("ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPdDTGKJCZFMNLSRVHWXYAEIOU")
_COPTIC = ("ⲂⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬⲟⲣⲥ", "BHIKMNOPCTYXopc")

OF_OTHER_SCRIPTS = {
    there: here
    for letters, latin in (_CYRILLIC, _GREEK, _ARMENIAN, _CHEROKEE, _LISU, _COPTIC)
    for there, here in zip(letters, latin, strict=True)
}
"""Look-alike to Latin letter or digit. Those of which a word of another script needs but one."""

_PHONETIC = ("ɑɡɢɪɴʀʏʙʜʟɾɯɼɫɭɳʂʐ", "aggINRYBHLrwrllnsz")
_SMALL_CAPITALS = ("ᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱꞯꞮ", "ACDEJKMOPTUVWZFSQI")
_DASHES = ("\u2010\u2011\u2012\u2013\u2212\ufe58\ufe63\uff0d", "--------")

_DOTTED = ("\u0130", "I")

ANYWHERE = {
    there: here
    for letters, latin in (_PHONETIC, _SMALL_CAPITALS, _DASHES, _DOTTED)
    for there, here in zip(letters, latin, strict=True)
}
"""Look-alike to Latin letter or hyphen (the em dash separates; it joins nothing, so it is none). The dotted
capital I of Turkish is the capital of i."""
