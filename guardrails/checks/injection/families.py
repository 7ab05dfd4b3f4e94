r"""The families of phrases, by what they are after.

Written from the kinds that the literature sorts attacks into (Perez and Ribeiro 2022: goals hijacked, prompts
leaked; Greshake et al. 2023: instructions hidden in documents; Shen et al. 2024: personas without rules; and
the chat templates of the model families), in the words that people use for them.

Left out, for words do not tell them from ordinary requests: what is wrapped in fiction, said in other words,
cut into pieces, or asked for politely. And the suffixes that optimisers find: statistics of characters do not
tell them from code.
"""

from guardrails.checks.injection.heuristic import Heuristic, gap
from guardrails.checks.injection.languages import OVERRIDE, OVERRIDES

PERSONA, DISCLOSURE, TURNS = "persona", "disclosure", "turns"
DOCUMENT, ENCODED, AUTHORITY = "document", "encoded", "authority"
FAMILIES = (OVERRIDE, PERSONA, DISCLOSURE, TURNS, DOCUMENT, ENCODED, AUTHORITY)

_APOSTROPHE = "['\u2019]"
_INSTRUCTIONS = (
    r"(?:instructions?|directions?|directives?|prompts?|guidelines|guardrails|commands?|orders|programming"
    r"|training|conditioning|safety (?:rules|measures|filters?|policies)|content policy|constraints)\b"
)
_EARLIER = (
    r"\b(?:previous|previously|prior|above|preceding|earlier|foregoing|initial|original|existing|system|developer"
    r"|your|all (?:of )?(?:the|your|my)?)\b"
)
_ORDER = r"(?:say|state|output|print|respond|answer|reply|return|tell|write|give|repeat|show|report)\b"
_FREE_OF = (
    r"(?:without|no|free (?:of|from)|not bound by|freed from|no longer bound by|ignoring|not limited by"
    r"|broken free of)"
)
_OF_THIS = r"(?:any|all|its|your|their|the usual|the typical|ethical|moral|content|safety|openai\w{0,4})"
_BOUNDS = (
    r"(?:(?:restrictions|guardrails|censorship|ethics|morals|morality|ethical \w{1,18}|moral \w{1,18})\b"
    rf"|(?:{_OF_THIS} ){{1,3}}(?:rules|filters?|filtering|limitations|guidelines|morals?"
    r"|content polic(?:y|ies)|restrictions?|safeguards)\b)"
)
_HIDDEN_TEXT = (
    r"(?:(?:full|complete|entire|exact|own|original|initial) )?"
    r"(?:(?:original|initial|full|exact|internal|base|underlying|starting|pre-?\w{0,8}) "
    r"(?:prompts?|instructions)"
    r"|(?:system|hidden|secret|developer|confidential) "
    r"(?:prompts?|instructions?|messages?|rules|guidelines|directives?|configuration))\b"
)
_CREDENTIAL = r"(?:password|pass ?phrase|passcode|secret (?:key|code|phrase|word)|access code)s?"
_SAID_ALONE = r"(?: with (?:me|us)| (?:to|for) me| please| now)?(?:[?!.,;]|\z)"
_DO_NOT = ("do not", f"don{_APOSTROPHE}t", "stop", "never", "no longer")
_AI_WORD = "(?:ai|llm|language|chatbot|gpt)"
_AI = r"(?:ai|llm|language model|chatbot|ai model|ai assistant|ai agent|gpt)s?"

_OVERRIDE = (
    Heuristic(
        family=OVERRIDE,
        begins=("(?:ignore|disregard|forget|override|neglect|bypass|discard|abandon|dismiss|unlearn)",),
        rest=rf" {gap(20)}{_EARLIER}{gap(30)}\b{_INSTRUCTIONS}",
        score=0.9,
    ),
    Heuristic(
        family=OVERRIDE,
        begins=tuple(f"{words} (?:follow|following|obey|obeying|comply|adhere)" for words in _DO_NOT),
        rest=rf" {gap(15)}\b(?:previous|prior|above|earlier|your|system)\b{gap(25)}\b{_INSTRUCTIONS}",
        score=0.8,
    ),
    Heuristic(
        family=OVERRIDE,
        begins=("(?:ignore|disregard|forget)",),
        rest=r" (?:everything|all|anything|what)(?: [\w']{1,18}){0,3} "
        r"(?:above|previously|so far|were told|been told)\b",
        score=0.8,
    ),
    Heuristic(
        family=OVERRIDE,
        begins=("(?:ignore|disregard|forget)",),
        rest=r" (?:all )?(?:the |this |that )(?:above|function|table|code|text|document|article|question|rest"
        rf"|input|comment)s?,?(?:;| and| then)(?: instead| just| simply)? {_ORDER}",
        score=0.7,
    ),
    Heuristic(
        family=OVERRIDE,
        begins=("new", "updated", "revised"),
        rest=r" (?:system )?(?:instructions?|directives?|prompt):",
        score=0.5,
    ),
)
_PERSONA = (
    Heuristic(family=PERSONA, begins=("do anything",), rest=r" now\b", score=0.9),
    Heuristic(
        family=PERSONA,
        begins=(
            "you are now",
            f"you{_APOSTROPHE}re now",
            "from now on you are",
            "act as",
            "behave as",
            "become",
        ),
        rest=rf" {gap(20)}\b(?:dan|stan|aim|jailbroken|unrestricted|unfiltered|uncensored|amoral)\b",
        score=0.8,
    ),
    Heuristic(
        family=PERSONA,
        begins=(
            *("act as", "act like", "behave as", "behave like", "respond", "reply", "pretend", "simulate an"),
            *("roleplay", "role-play", "you are", f"you{_APOSTROPHE}re", "you will", "you must", "you have"),
        ),
        rest=rf" {gap(70)}\b{_FREE_OF} {_BOUNDS}",
        score=0.6,
    ),
    Heuristic(
        family=PERSONA,
        begins=("broken free", "breaks free", "break free"),
        rest=r" (?:of|from) (?:[\w,'-]{1,18} ){0,3}?"
        r"(?:confines|constraints|restrictions|limitations|rules)\b",
        score=0.7,
    ),
    Heuristic(
        family=PERSONA,
        begins=tuple(
            f"{who} {verb}"
            for who in ("they", "it", "he", "she", "you", "dan")
            for verb in (
                "do not",
                "does not",
                f"don{_APOSTROPHE}t",
                f"doesn{_APOSTROPHE}t",
                "need not",
                "no longer",
            )
        ),
        rest=r" (?:have to |need to )?(?:abide by|follow|obey|adhere to)"
        rf" {gap(25)}\b(?:rules|guidelines|policies|restrictions)\b",
        score=0.6,
    ),
    Heuristic(
        family=PERSONA,
        begins=("you are now in", "you are in", f"you{_APOSTROPHE}re in", "you have entered"),
        rest=r" (?:developer|debug|god|admin|maintenance|jailbreak|sudo|root|system|unrestricted|dan) mode\b",
        score=0.8,
    ),
)
_DISCLOSURE = (
    Heuristic(
        family=DISCLOSURE,
        begins=(
            "(?:reveal|show|print|repeat|output|display|share|leak|expose|dump|disclose|copy|recite|quote|paste)",
            *(
                "translate",
                "summarize",
                "encode",
                "ignore",
                "return",
                "tell me",
                "give me",
                "write out",
                "spell out",
            ),
            *("what is", f"what{_APOSTROPHE}s", "what are", "what was", "what were"),
        ),
        rest=rf" {gap(25)}\byour {_HIDDEN_TEXT}",
        score=0.8,
    ),
    Heuristic(
        family=DISCLOSURE,
        begins=("(?:repeat|print|output|copy|recite|return|translate)",),
        rest=r" (?:everything|(?:all (?:of )?)?the (?:text|words|content|sentences|instructions|prompt)|all)"
        r"(?: of)?(?: [\w']{1,18}){0,2} above(?: this(?: line| message| point| prompt)?)?(?:[.!?,;:\n]|\z)",
        score=0.7,
    ),
    Heuristic(
        family=DISCLOSURE,
        begins=(
            "(?:reveal|share|confirm|disclose|tell|give|provide)",
            *("what is", f"what{_APOSTROPHE}s", "tell me", "give me", "share with me", "tell us", "give us"),
        ),
        rest=rf" (?:me |us )?(?:what )?(?:is )?your (?:own |system |secret )?{_CREDENTIAL}{_SAID_ALONE}",
        score=0.6,
    ),
)
_TURNS = (
    Heuristic(
        family=TURNS,
        begins=(
            r"<\|(?:im_start|im_end|im_sep|system|user|assistant|start_header_id|end_header_id|eot_id|begin_of_text)\|>",
            r"<<sys>>",
            r"<start_of_turn>(?:user|model|system)?",
            r"\[/?inst\]",
            r"<\|start_of_role\|>",
        ),
        rest="",
        score=0.7,
    ),
    Heuristic(
        family=TURNS,
        begins=("<system", r"\[system", "###"),
        rest=r" ?(?:mode>|(?:message|override|mode|prompt)\]|new system (?:prompt|message)"
        r"|end of (?:system )?prompt)",
        score=0.7,
    ),
    Heuristic(
        family=TURNS,
        begins=("system:", "assistant:", "end of"),
        rest=r" (?:you are now\b|ignore\b|new (?:rule|instruction)s?\b"
        rf"|(?:system |the )?prompt[,:;]? {gap(30)}(?:new|begin|start)\b)",
        score=0.6,
    ),
)
_DOCUMENT = (
    Heuristic(
        family=DOCUMENT,
        begins=(
            *(f"if you are an? {_AI_WORD}", f"if you{_APOSTROPHE}re an? {_AI_WORD}", f"as an {_AI_WORD}"),
        ),
        rest=rf"(?: {_AI})?(?:,| reading| processing| summarizing| parsing| that reads){gap(40)}\b"
        r"(?:you must|you should|please|instead|do not|follow|execute|send|forward|say|include|add)\b",
        score=0.6,
    ),
    Heuristic(
        family=DOCUMENT,
        begins=("(?:note|message|attention|instructions?|notice)",),
        rest=rf" (?:to|for) (?:the |any |all )?{_AI}(?: reading| processing| summarizing)?(?: this)?"
        r"(?: \w{1,18})?:",
        score=0.6,
    ),
    Heuristic(
        family=DOCUMENT,
        begins=("do not", f"don{_APOSTROPHE}t", "never", "without"),
        rest=r" (?:tell|mention|inform|alert|notify|reveal)(?:ing)?(?: \w{1,18}){0,4}? (?:to )?the user\b",
        score=0.4,
    ),
)
_ENCODED = (
    Heuristic(
        family=ENCODED,
        begins=("(?:decode|decrypt|unscramble|deobfuscate)",),
        rest=rf" {gap(80)}\b(?:and|then) (?:then )?(?:follow|execute|obey|comply|carry out|act on|do what)\b",
        score=0.7,
    ),
)
_AUTHORITY = (
    Heuristic(
        family=AUTHORITY,
        begins=("i am", f"i{_APOSTROPHE}m", "this is"),
        rest=r" (?:(?:your|the) (?:developer|creator|maintainer|programmer|administrator|admin|owner)s?"
        rf"(?: (?:of|behind) (?:your|this|the) (?:system|model|ai|chatbot))?|god)\b{gap(80)}\b"
        r"(?:you (?:have|need|must)|password|passcode|secret|unlock|override|restrictions"
        r"|(?:give|tell) me|share)",
        score=0.5,
    ),
)

HEURISTICS = (
    *(*_OVERRIDE, *OVERRIDES, *_PERSONA, *_DISCLOSURE),
    *(*_TURNS, *_DOCUMENT, *_ENCODED, *_AUTHORITY),
)
