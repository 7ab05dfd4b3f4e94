r"""Override of instructions, in other languages than English: the verb, then what it is about."""

from guardrails.checks.injection.heuristic import Heuristic, gap

OVERRIDE = "override"
_SCORE = 0.9

_INSTRUCTIONS = (
    r"(?:instruccion\w{0,3}|órdenes|indicaciones|anweisungen|instruktionen|anleitungen|vorgaben|consignes"
    r"|instruções|ordens|istruzioni|instructies|opdrachten|instrukcj\w{1,4}|polece\w{1,4}"
    r"|(?:instructions|directives) (?:préc\pL{1,8}|anté\pL{1,8}|ci-dessus))"
)

OVERRIDES = (
    Heuristic(
        family=OVERRIDE,
        begins=(
            *(
                r"ignor\w{1,18}",
                r"olvid\w{1,18}",
                r"oubli\w{1,18}",
                r"esqueça",
                r"desconsider\w{1,18}",
                r"dimentica\w{0,12}",
            ),
            *(
                r"vergiss",
                r"vergessen",
                r"missacht\w{1,18}",
                r"negeer",
                r"vergeet",
                r"zignoruj",
                r"zapomnij",
                r"pomiń",
            ),
        ),
        rest=rf" {gap(30)}{_INSTRUCTIONS}",
        score=_SCORE,
    ),
    Heuristic(
        family=OVERRIDE,
        begins=(r"(?:про)?игнорир\pL{1,18}", r"забудь\pL{0,12}"),
        rest=rf" {gap(30)}(?:инструкц|указан|правил)\pL{{1,18}}",
        score=_SCORE,
    ),
    Heuristic(
        family=OVERRIDE,
        begins=(r"αγνο[ήη]\pL{1,18}", r"ξέχασ\pL{1,18}"),  # noqa: RUF001 (Greek)
        rest=rf" {gap(30)}(?:οδηγί|εντολ)\pL{{1,18}}",
        score=_SCORE,
    ),
    Heuristic(  # Chinese: 忽略, 忽视, 无视, 忘记, then 指令, 指示, 提示, 命令
        family=OVERRIDE, begins=("[忽无忘]",), rest=rf"[略视记]{gap(10)}(?:指令|指示|提示|命令)", score=_SCORE
    ),
    Heuristic(  # Japanese: 指示, 指令, 命令, then 無視, 忘れ
        family=OVERRIDE, begins=("[指命]",), rest=rf"[示令]{gap(6)}(?:無視|忘れ)", score=_SCORE
    ),
    Heuristic(  # Korean: 지시, 지침, 명령, then 무시, 잊
        family=OVERRIDE, begins=("[지명]",), rest=rf"[시침령]{gap(8)}(?:무시|잊)", score=_SCORE
    ),
)
