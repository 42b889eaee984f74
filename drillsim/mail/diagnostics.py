"""Why a mail could not be delivered, from a status code and what servers say about it.

What matters to a drill is one question: is the address wrong, so that the contact tree must be
mended (*hard*), or does the address exist and did this mail not get through (*soft*)? The line is
drawn where sisimai's published list of reasons draws it: unknown user, unknown host, moved and
"this domain takes no mail" are hard; full, suspended, blocked, filtered, expired and the rest
are soft.

Sources: RFC 3463 and the IANA registry of enhanced status codes; RFC 5321, 3.3, 4.2.3 and RFC 7505
(null MX) for reply codes; the wording of Postfix, sendmail, Exim, qmail, Exchange, Domino, Gmail,
Yahoo! and Japanese carriers; the languages these products speak.
"""

import re
from enum import StrEnum

from drillsim.mail.patterns import any_of


class Cause(StrEnum):
    """Why one recipient was not reached."""

    UNKNOWN_ADDRESS = "unknown-address"
    UNKNOWN_HOST = "unknown-host"
    MOVED = "moved"
    TAKES_NO_MAIL = "takes-no-mail"
    MAILBOX_FULL = "mailbox-full"
    SUSPENDED = "suspended"
    FILTERED = "filtered"
    REFUSED = "refused"
    TOO_BIG = "too-big"
    LOOP = "loop"
    EXPIRED = "expired"
    OTHER = "other"

    @property
    def is_hard(self) -> bool:
        """Whether the address itself is wrong, so that trying again is in vain."""
        return self in _HARD


_HARD = frozenset({Cause.UNKNOWN_ADDRESS, Cause.UNKNOWN_HOST, Cause.MOVED, Cause.TAKES_NO_MAIL})

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,4})(?![\d.]*\d)")
REPLY_CODE = re.compile(r"(?<![\d.:\[-])([45]\d\d)(?=[- ](?![\d.]{6,})|: |$)", re.MULTILINE)

# What a status says by itself; None as third figure stands for every one (RFC 3463, IANA).
_BY_STATUS: dict[tuple[int, int | None], Cause] = {
    (1, 0): Cause.UNKNOWN_ADDRESS,
    (1, 1): Cause.UNKNOWN_ADDRESS,
    (1, 2): Cause.UNKNOWN_HOST,
    (1, 3): Cause.UNKNOWN_ADDRESS,
    (1, 4): Cause.UNKNOWN_ADDRESS,
    (1, 6): Cause.MOVED,
    (1, 7): Cause.REFUSED,
    (1, 8): Cause.REFUSED,
    (1, 9): Cause.REFUSED,
    (1, 10): Cause.UNKNOWN_ADDRESS,
    (2, 1): Cause.SUSPENDED,
    (2, 2): Cause.MAILBOX_FULL,
    (2, 3): Cause.TOO_BIG,
    (3, 1): Cause.MAILBOX_FULL,
    (3, 2): Cause.REFUSED,
    (3, 4): Cause.TOO_BIG,
    (4, 4): Cause.UNKNOWN_HOST,
    (4, 6): Cause.LOOP,
    (4, 7): Cause.EXPIRED,
    (4, 14): Cause.LOOP,
    (4, None): Cause.EXPIRED,
    (6, None): Cause.REFUSED,
    (7, None): Cause.REFUSED,
}

_ACCOUNT = (
    r"(?:user|users|user ?name|user ?id|recipients?|mail ?box|account|address|addressee|alias"
    r"|person|local[- ]part|login|member|customer|subscriber|e-?mail(?: address| account)?"
    r"|directory entry)"
)
_GONE = (
    r"(?:unknown|not known|unrecogni[sz]ed|not recogni[sz]ed|not found|invalid|illegal"
    r"|non-?exist\w{0,20}|not exist\w{0,20}|(?:does|did) ?n[o']t exist|doesn.t exist|no longer"
    r" (?:exist|valid|active|available|in use)\w{0,20}|not (?:a )?valid|not listed|not in directory"
    r"|could ?n[o']t be found|couldn.t be found|wasn.t found|was not found|not present|not defined"
    r"|undeliverable|not a known|cannot be verified)"
)

# In the order in which they are asked: the plainer statement first.
_BY_TEXT: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (
        Cause.EXPIRED,  # A name server that did not answer says nothing about the name.
        any_of(
            r"host not found, try again|temporary failure in name resolution|servfail",
            r"host (?:name )?lookup (?:did not complete|failure|failed temporarily)",
        ),
    ),
    (
        Cause.MAILBOX_FULL,
        any_of(
            r"over ?-?(?:disk ?)?quota|quota[- ]?exceed|exceed\w{0,20} (?:\w{1,30} ){0,4}quota",
            r"disk ?quota|quota (?:is )?(?:full|violation|has been)",
            r"\bover (?:the )?(?:storage|space|size) limit|storage (?:is )?full|no space left",
            r"(?:mail ?box|mailfolder|inbox|account|mail drop)[^.\n]{0,40}? (?:is |was )?(?:full\b"
            r"|too full|exceed\w{0,20}[^.\n]{0,30}(?:size|limit|storage|space))|mailbox ?full",
            r"insufficient (?:system )?(?:disk |storage|space)|out of (?:storage|disk|space)",
            r"not enough (?:storage|disk|space)",
            r"(?:容量|サイズ|保存).{0,16}(?:超|オーバー|不足|一杯|いっぱい)",
            r"(?:ボックス|受信箱|スプール).{0,8}(?:一杯|いっぱい|満杯|フル)",
            r"postfach.{0,30}voll|bo[iî]te.{0,30}pleine|buz[oó]n.{0,30}lleno|casella.{0,30}piena",
            r"caixa.{0,40}cheia|переполнен|mailbox (?:is )?vol\b|邮箱.{0,6}满",
        ),
    ),
    (
        Cause.TAKES_NO_MAIL,
        any_of(
            r"null ?mx|no smtp service|no longer accepts? (?:e-?)?mail",
            r"(?:does ?n[o']t|doesn.t|do not|never) (?:accept|receive|take) (?:any )?(?:e-?)?mail\b"
            r"(?! from)",
            r"domain[^.\n]{0,30} not accepting (?:any )?mail|host (?:does not|never) accepts? mail",
        ),
    ),
    (
        Cause.MOVED,
        any_of(
            r"recipient no longer on server|user not local; please try",
            r"(?:user|recipient|account|mailbox|address) has moved|has been moved to",
            r"moved (?:permanently )?to (?:another|a new)|address (?:has )?changed",
            r"please (?:try|use) (?:the )?(?:new|following) address",
            r"no longer (?:with|works|working|employed|at) |left the (?:company|organi[sz]ation)",
            r"アドレス(?:は|が)?(?:変更され|変わりました)",
        ),
    ),
    (
        Cause.UNKNOWN_HOST,
        any_of(
            r"(?:host|domain|machine|site|hostname|host name|domain name)s?(?: name)?s?"
            r"(?: \S{1,80})?(?: is| was|:)? (?:unknown|not found|invalid|illegal"
            r"|non-?exist\w{0,20}|does ?n[o']t exist|doesn.t exist|could ?n[o']t be found"
            r"|couldn.t be found|not reachable|not resolved)",
            r"could not be found in domain name service|unknown (?:mail )?(?:host|domain|machine)",
            r"no such (?:host|domain)|illegal host|nxdomain|unrouteable mail domain",
            r"domain (?:does ?n[o']t|doesn.t|do not) exist|couldn.t find any host",
            r"could not find (?:any )?(?:host|domain|mx)|name or service not known",
            r"no (?:mx|dns) (?:or \w{1,30} )?(?:record|entry|hosts?)|address family for hostname",
            r"mx records? (?:point|were|was)? ?to non-?existent|point to non-?existent hosts?",
            r"(?:ドメイン|ホスト).{0,20}(?:存在しません|見つかりません|不明|存在しない(?!か))",
            r"domain unbekannt|domaine inconnu|dominio (?:desconocido|inexistente|sconosciuto)",
        ),
    ),
    (
        Cause.SUSPENDED,
        any_of(
            r"(?:account|mail ?box|user|recipient|address|email account)[^.\n]{0,50}?"
            r"(?:is |was |been )(?:temporarily |currently |permanently )?(?:disabled|suspended"
            r"|inactive|locked|blocked|deactivated|not active|closed|discontinued|on hold"
            r"|restricted)",
            r"(?:disabled|suspended|inactive|deactivated|locked) (?:user|account|mailbox"
            r"|recipient)",
            r"(?:user|account|mailbox|recipient) (?:disabled|suspended|inactive|locked|frozen)",
            # 「宛先不明又は受信停止」 leaves open which of the two: the address may be right.
            r"(?:利用|使用|サービス|受信)(?:が|を)?(?:停止|休止)|停止中|账号.{0,6}(?:停用|冻结)",
        ),
    ),
    (
        Cause.UNKNOWN_ADDRESS,
        any_of(
            r"(?<!many )(?:unknown|no such|invalid|illegal|non-?existent|undefined) "
            r"(?:or \w{1,30} )?"
            rf"(?:final delivery |local |virtual |e-?mail )?{_ACCOUNT}\b",
            rf"\b{_ACCOUNT}(?: name)?(?: \S{{1,80}}){{0,2}}(?: is| was| has|:|,)? {_GONE}",
            r"(?:users|recipients|addresses|mailboxes) (?:were|are) (?:unknown|invalid|not found"
            r"|rejected)",
            r"no valid recipients|no such person|no (?:valid )?(?:mail ?box|recipients?|user"
            r"|account)s?(?: here| found| with| by| for| on| were|$)",
            r"(?:does ?n[o']t|doesn.t|does not) have (?:an? )?(?:\S{1,80} )?(?:account|mail ?box)",
            r"not (?:a |our |an )?(?:valid|known|registered|existing|local) (?:user|mail ?box"
            r"|recipient|account|address|customer)|isn.t (?:a )?(?:valid|known)",
            r"bad destination mailbox|unrout(?:e)?able address|addressee unknown",
            r"recip(?:ient)?notfound|unknown (?:to|at) (?:this|our)|\w{1,30} wasn.t found at",
            r"not listed in (?:public|domino|the)|recipient name is not recognized|no mailbox here",
            r"couldn.t be delivered because the (?:address|recipient)|address not found",
            r"recipient address rejected: access denied|mailbox not (?:found|available)",
            r"550[^\n]{0,60}mailbox unavailable(?! temp)|e-?mail (?:account|address)[^.\n]{0,60}"
            r"(?:does not exist|couldn.t be found)",
            r"destinataire (?:inconnu|inexistant)|(?:utilisateur|adresse|compte)[^.\n]{0,30}"
            r"(?:inconnu|inexistant|n.existe pas)",
            r"(?:benutzer|empfänger|empfaenger|adresse|konto|postfach)[^.\n]{0,40}(?:unbekannt"
            r"|existiert nicht|nicht gefunden|ungültig)",
            r"(?:usuario|buz[oó]n|cuenta|direcci[oó]n|destinatario)[^.\n]{0,30}(?:desconocid"
            r"|no existe|inexistente|inválid)",
            r"(?:usuário|conta|endereço)[^.\n]{0,30}(?:inexistente|inválid|não existe|desconhecid)",
            r"(?:utente|casella|indirizzo)[^.\n]{0,30}(?:sconosciut|inesistente|non esiste)",
            r"(?:gebruiker|adres|mailbox)[^.\n]{0,30}(?:onbekend|bestaat niet)|nieznany"
            r"|nie istnieje",
            r"(?:пользовател|адрес|ящик)[^.\n]{0,30}(?:не существует|не найден|неизвест)",
            r"(?:ユーザー?|(?:宛|あて)先|アドレス|アカウント|受信者|メールボックス)[^。\n]{0,24}"
            r"(?:存在しません|存在しない(?!か)|[見み]つかりません|[見み]つかりませんでした|不明"
            r"|ありません|登録されていません|無効)|(?:宛|あて)先不明",
            r"(?:用户|收件人|邮箱|地址)[^。\n]{0,8}(?:不存在|未找到)|존재하지 ?않",
        ),
    ),
    (
        Cause.LOOP,
        any_of(
            r"too many hops|mail(?:er)? loop|message loop|looping|loop detected|hop count",
            r"routing loop",
        ),
    ),
    (
        Cause.TOO_BIG,
        any_of(
            r"(?:message|mail|size|attachment)[^.\n]{0,30}(?:too (?:big|large)|exceeds"
            r"|larger than)",
            r"too large|size limit|message size|サイズ.{0,12}(?:制限|上限|大き)",
        ),
    ),
    (
        Cause.REFUSED,
        any_of(
            r"spam|unsolicited|\bube\b|\buce\b|junk|block(?:ed|list| list|ing)|black ?-?list",
            r"dnsbl|\brbl\b|spamhaus|reputation|dmarc|\bdkim\b|\bspf\b|polic(?:y|ies)|virus"
            r"|malware",
            r"infected|content (?:rejected|restriction|filter)|message (?:refused|rejected"
            r"|content)",
            r"relay|authenticat|sender (?:address |domain )?(?:rejected|denied|verif)",
            r"access denied|prohibit|not (?:allowed|permitted|authori[sz]ed)|denied|gr[ea]y ?list",
            r"rate limit|throttl|too many (?:connections|messages|recipients|mails|invalid)",
            r"ptr record|reverse dns|fcrdns|banned|refused|rejected by|starttls|administrat",
            r"does ?n[o']t support tls|unauthenticated|permission|restricted",
            r"拒否|制限|受信設定|迷惑メール|ウイルス|フィルタ",
        ),
    ),
    (
        Cause.EXPIRED,
        any_of(
            r"retry time|time(?:d)?[- ]?out|expired|lookup fail|temporar|try again|deferred",
            r"connection (?:refused|reset|lost|closed|dropped)|no route to host",
            r"network (?:is )?unreachable|(?:host|server) (?:is )?(?:down|unreachable"
            r"|not responding)",
            r"giv(?:en|ing) up|could not be delivered for",
            r"不通|タイムアウト|応答(?:が)?(?:なし|ありません)|期限|時間(?:が)?(?:経過|切れ)",
        ),
    ),
)

_REFUSAL = next(pattern for cause, pattern in _BY_TEXT if cause is Cause.REFUSED)
_UNKNOWN_USER_ONLY = re.compile(
    r"unknown user|user unknown|no such user|invalid recipient|unknown recipient|no such recipient",
    re.IGNORECASE,
)
_AFTER_DATA = re.compile(
    r">>> DATA\s{0,8}\n\s{0,8}<<< 5\d\d|in reply to end of DATA|after end of data"
    r"|did not like our final DATA",
    re.IGNORECASE,
)
_NEED_RCPT = re.compile(
    r"<<< 503[^\n]{0,200}(?:need rcpt|valid rcpt|no valid recipients)", re.IGNORECASE
)
_AFTER_RCPT = re.compile(
    r"in reply to RCPT|>>> RCPT|RCPT TO:?\s{0,8}<|after RCPT|did not like our RCPT"
    r"|address rejected",
    re.IGNORECASE,
)
_SENDER_REFUSED = any_of(
    r"sender (?:address |domain )?(?:rejected|denied|refused|does not exist|not found|invalid)",
    r"domain of (?:the )?sender",
)
_SENDER_SIDE = re.compile(r"sender|MAIL FROM|your (?:e-?mail )?address|from address", re.IGNORECASE)


def find_cause(text: str, status: str = "", transcript: str = "") -> Cause:
    """Return why delivery failed.

    `text` is what was said about this recipient, `status` the enhanced code of the report ("" if
    there is none), `transcript` the whole text of the report: it tells at which SMTP command the
    refusal came. Plain words ("mailbox full", "user unknown") outweigh a code, since servers put
    5.0.0 and 5.7.1 on anything; a code outweighs vague words ("rejected", "timed out").
    """
    found = STATUS.search(status) or STATUS.search(text)
    said = _by_text(text)
    coded = _by_status(found)
    if _SENDER_REFUSED.search(text) or (
        found is not None and found[2] == "1" and found[3] in "789"
    ):
        return Cause.REFUSED
    if _was_filtered(text, found, transcript or text):
        return Cause.FILTERED
    if said is Cause.TAKES_NO_MAIL and found is not None and found[1] == "4":
        return Cause.OTHER
    if said is Cause.UNKNOWN_ADDRESS and coded is Cause.REFUSED and _REFUSAL.search(text):
        return Cause.REFUSED
    if said not in (Cause.REFUSED, Cause.EXPIRED, None):
        return said
    if coded is Cause.UNKNOWN_ADDRESS and found is not None and found[3] == "0":
        # X.1.0 is "other address status", of the sender's address too.
        return Cause.REFUSED if _SENDER_SIDE.search(text) else coded
    if coded is not None:
        return coded
    if said is None and _rejects_address(text, found, transcript):
        return Cause.UNKNOWN_ADDRESS
    return said or Cause.OTHER


def _by_text(text: str) -> Cause | None:
    for cause, pattern in _BY_TEXT:
        if pattern.search(text):
            return cause
    return None


def _by_status(found: re.Match[str] | None) -> Cause | None:
    if found is None:
        return None
    subject, detail = int(found[2]), int(found[3])
    cause = _BY_STATUS.get((subject, detail)) or _BY_STATUS.get((subject, None))
    if cause is not None and cause.is_hard and found[1] == "4":
        return None
    if detail == 0 and subject == 4:
        return None
    return cause


def _was_filtered(text: str, found: re.Match[str] | None, transcript: str) -> bool:
    """Whether "unknown user" came in answer to the content, hence from the recipient's own filter.

    A server that took the recipient at RCPT knows it. Japanese carriers answer in this way when
    their customer accepts only chosen domains (ドメイン指定受信).
    """
    if not _UNKNOWN_USER_ONLY.search(text) or not _AFTER_DATA.search(transcript):
        return False
    if _NEED_RCPT.search(transcript):
        return False  # Pipelined: RCPT itself was refused, its answer is only printed later.
    return found is None or (found[2], found[3]) != ("1", "1")


def _rejects_address(text: str, found: re.Match[str] | None, transcript: str) -> bool:
    """Whether a bare 550, 551 or 553 stands against the recipient (RFC 5321, 3.3 and 4.2.3)."""
    code = REPLY_CODE.search(text)
    if code is None or code[1] not in ("550", "551", "553"):
        return False
    if found is not None and (
        found[1] != "5" or (found[2], found[3]) not in (("0", "0"), ("5", "0"))
    ):
        return False
    return _AFTER_RCPT.search(text + transcript) is not None
