"""What mail clients and gateways put round a quoted mail: marks, headers, signatures, footers.

Tables only: `drillsim.mail.quotes` reads with them. Attribution lines and the labels of quoted
headers are those of Gmail, Apple Mail, Outlook, Thunderbird, Becky!, Yahoo!, Notes and the
telephones in the languages in which they are sold; "-- " and ">" are RFC 3676's.
"""

import re

from drillsim.mail.patterns import any_of

QUOTE = re.compile(r"[ \t]{0,3}(?:[>＞≫]|[A-Za-z]{1,12}[0-9]{0,2}>[ \t])")
_RULE_SIGNS = "-=*_~#+─-╿＿－＝＊～―—‐ー◇◆□■☆★○●・…･.:;^@<>"
RULE = re.compile(
    rf"[ \t　]{{0,40}}(?:([{_RULE_SIGNS}])\1{{3,}}|[{_RULE_SIGNS} 　]{{6,}})[ \t　]{{0,40}}"
)
WORDLESS = re.compile(r"[\W_]*")

LABELS = {
    "from": r"from|de|da|von|van|fra|från|od|от(?: кого)?|expéditeur|remitente|remetente|mittente"
    r"|lähettäjä|feladó|kimden|差出人|送信者|送信元|发件人|發件人|寄件者|보낸\s?사람|발신",
    "sent": r"sent|date|envoyé(?: le)?|gesendet|datum|inviato|data|enviad[oa](?: el| em)?|fecha"
    r"|message du|verzonden|sendt|dato|skickat|wysłano|отправлено|дата|lähetetty|送信日時|受信日時"
    r"|送信|日時|日付|发送时间|發送時間|日期|傳送日期|時間|时间|보낸\s?날짜",
    "to": r"to|à|an|a|para|aan|til|till|do|кому|pour|vastaanottaja|címzett|宛先|送信先|收件人"
    r"|收件者|받는\s?사람",
    "cc": r"b?cc|kopie|копия|copie|写し|抄送|副本|참조|reply-to|返信先|importance|重要度"
    r"|attachments|添付(?:ファイル)?|priority",
    "subject": r"subject|objet|betreff|oggetto|asunto|assunto|onderwerp|emne|ämne|temat|тема|aihe"
    r"|tárgy|konu|předmět|件名|題名|主题|主旨|標題|제목",
}
# Words without one of which no line is the signature of a telephone or mail program.
_PHONE_WORDS = (
    r"(?i:sent |outlook|envoyé |expédié |gesendet|geschickt|versendet|inviato|enviado|verzonden"
    r"|verstuurd|verschickt|wysłan|skickat|sendt|lähetetty|отправлено|gönder|odesláno)"
    r"|から(?:の)?送信|发送|發送|傳送|发自|發自|보냄"
)
PHONE_HINT = re.compile(_PHONE_WORDS)

# What a line begins with, ends with or holds where there is anything to take away at all: most
# answers have no such line.
_FIRST = (
    r"^[ \t]{0,3}(?:[>＞≫]|[A-Za-z]{1,12}[0-9]{0,2}>[ \t])|^[ \t]{0,40}-{1,3}[ \t]{0,40}$"
    rf"|^[ \t　]{{0,40}}[{_RULE_SIGNS}]{{4}}|^[ \t]{{0,40}}[-_=*－ー─━―]{{2}}"
    r"|^[—‐][ \t]{0,40}$|^[ \t]{0,40}(?i:message du )\d"
    rf"|^[ \t*]{{0,40}}(?i:{LABELS['from']})[ \t　*]{{0,4}}[:：]"
    r"|^[ \t]{0,40}(?i:subject|件名|thema|objet|asunto)[ \t]{0,40}$"
)
_LAST = r"[:：][ \t*]{0,40}$"
_WITHIN = rf"{_PHONE_WORDS}|(?i:virus|caution|external|外部|wrote)"
ANYTHING_FIRST = re.compile(_FIRST)
ANYTHING_LAST = re.compile(_LAST)
ANYTHING = re.compile(rf"{_FIRST}|{_LAST}|{_WITHIN}", re.MULTILINE)

_WROTE = (
    r"wrote|writes|written|said|a écrit|schrieb|geschrieben|escribió|escribio|scritto|scrisse"
    r"|escreveu|schreef|geschreven|skrev|skrifaði|napisał|napisana|napisal|kirjoitti|írta|написал"
    r"|пишет|писал|написав|写道|寫道|书写|の(?:メール|メッセージ)|書きました|書いた|からのメール"
    r"|작성|썼습니다|đã viết|menulis|yazdı|a scris|έγραψε|je napisal|napsala?|rašė|kirjutas|כתב|كتب"
)
WROTE_ANYWHERE = re.compile(
    rf"(?:\b|(?<=\W))(?:{_WROTE})(?!\w{{0,20}}\s+(?:a|an|the)\b)", re.IGNORECASE
)
WROTE_LAST = re.compile(rf"(?:{_WROTE})\S{{0,8}}[ \t]{{0,40}}[:：]?$", re.IGNORECASE)
# How a line ends that may be an attribution without a colon.
WROTE_ENDS = (
    "wrote",
    "writes",
    "a écrit",
    "schrieb",
    "escribió",
    "scritto",
    "escreveu",
    "schreef",
    "skrev",
    "napisał",
    "kirjoitti",
    "написал",
    "пишет",
    "写道",
    "寫道",
    "書きました",
    "書きました。",
    "작성",
)
MOMENT = re.compile(
    r"(?:19|20)\d\d|\d{1,2}[:：.時]\s?\d{2}|\d{1,2}/\d{1,2}|月\s?\d{1,2}\s?日|\d{1,2}월"
)
# Webmail and Notes: "Quoting x <x@y>:", "x wrote on 07.07.2016 15:10:".
CITED = re.compile(
    r"(?:quoting|zitat von|citando|citat från|citation de|citeren) .{1,120}@.{1,120}:"
    r"|.{1,60} (?:wrote|schrieb|escribió|scrive|a écrit) (?:on|am|le|el|il) .{0,40}\d.{0,20}:",
    re.IGNORECASE,
)
# Japanese clients that put the moment behind who wrote, or say that it was sent.
WROTE_JA = re.compile(
    r"(?:さん|様|氏|[>)@\w])\s?(?:は|が)(?:書きました|書いた|送信した(?:メール|メッセージ)"
    r"|送信しました|送った(?:メール|メッセージ))[。]?\s{0,4}(?:[(（][^()（）]{4,40}[)）])?\s{0,4}[:：]?$"
)
ADDRESS_LAST = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}[>)\]\"』」]{0,4}[ \t]{0,40}[:：]$")
OPENER = re.compile(
    r"[-*\s]{0,8}(?:\(?\d|(?:on|le|el|il|am|em|op|på|den|dnia|w dniu|dne|pe|ke|to|ti|la|ma|su|в|вт"
    r"|пн|ср|чт|пт|сб|вс|vào|pada|în|at|in|date|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam"
    r"|dim|mo|di|mi|do|fr|sa|so)\b|在|于|於)",
    re.IGNORECASE,
)
FIELD = re.compile(r"[^:：@<>]{1,40}：[ \t　]*\S")
"""A field of a form with its answer; who writes that somebody wrote uses no such colon within."""
ASKS = re.compile(r"[:：?？。][)）」\]]?$")
CITES = re.compile(
    r"[ \t]{0,8}(?:<[^<>\s]{3,200}>|\S{1,64}@\S{1,100}) ?の(?:記事|メッセージ|メール)"
    r"|[ \t]{0,8}in (?:message|article) <",
    re.IGNORECASE,
)
"""A Message-ID before who wrote it, as Mew, Wanderlust and Gnus begin."""
DIGIT = re.compile(r"\d")
SENTENCE_END = re.compile(r"[.。!?！？][\"」』)）]{0,3}$")

ORIGINAL = re.compile(
    r"[ \t]{0,4}message du \d{1,2}/\d{1,2}/\d{2,4} \d{1,2}:\d{2}[ \t]{0,4}$|"
    r"[ \t]{0,40}(?:[-_=*－ー─━―]{2,200}[ \t]{0,40})(?:.{0,60}?)(?:original|origine|ursprüngl|urspr"
    r"|oorspronkel|oprindelig|opprinnelig|oryginaln|исходно|пересыла|forwarded|weitergeleitet"
    r"|transféré|inoltrat|reenviado|encaminhad|doorgestuurd|videresend|vidarebefordr|przekazan"
    r"|reply message|wrote|alkuperäinen|eredeti|původní|元の(?:メッセージ|メール)|元メール|転送"
    r"|書きました|原始|原邮件|转发|轉寄|원본|전달).{0,40}?(?:[-_=*－ー─━―]{2,200})[ \t]{0,40}$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"[-_=* \t]{0,80}(?:begin forwarded message|forwarded message|転送された(?:メッセージ|メール)"
    r"|début du message (?:réexpédié|transféré)|anfang der weitergeleiteten"
    r"|inizio messaggio inoltrato|weitergeleitete nachricht|message transféré)[-_=*: \t]{0,80}$",
    re.IGNORECASE,
)

LABEL = re.compile(
    r"[ \t]{0,40}\*{0,2}(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in LABELS.items())
    + r")[ \t　]{0,40}\*{0,2}[ \t]?[:：][ \t*]{0,40}(?P<value>.*)",
    re.IGNORECASE,
)

# Notes puts the labels of a quoted header on lines of their own.
DATE_ALONE = re.compile(
    r"\s{0,8}\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},?\s{1,4}(?:午前|午後)?\d{1,2}:\d{2}(?::\d{2})?"
    r"(?:\s?[AP]M)?\s{0,8}",
    re.IGNORECASE,
)
TO_ALONE = re.compile(r"\s{0,40}(?:to|宛先|an|à|para)\s{0,8}", re.IGNORECASE)
SUBJECT_ALONE = re.compile(r"\s{0,40}(?:subject|件名|thema|objet|asunto)\s{0,8}", re.IGNORECASE)

DELIMITER = re.compile(r"-{2,3}|_{2,4}|[—‐]|-- \S.{0,60}")
BRACKETED = re.compile(r"[<\[(](?:mailto:)?[^\s<>@]{1,64}@[^\s<>@]{1,255}[>\])]")
# What telephones and mail programs put below a mail, a line of their own.
PHONE_LINE = any_of(
    r"sent (?:from|via|with|using) (?:my )?\S.{0,60}|(?:get|download) outlook for \w.{0,60}",
    r"(?:envoyé|expédié) (?:de(?:puis)?|à partir d[e'’]|avec|via) ?.{1,60}",
    r"(?:télécharge[zr]|obtene[rz]|scarica|obter o?) ?outlook (?:pour|para|per) .{1,60}",
    r"(?:von|mit) (?:meinem|der) .{1,60} gesendet",
    r"diese nachricht wurde .{1,80}(?:gesendet|verschickt)",
    r"(?:gesendet|geschickt|versendet) (?:von|mit|aus) .{1,60}|outlook für .{1,20} beziehen",
    r"inviato (?:da|con|dal) .{1,60}|enviado (?:desde|do|de|a partir|con|via|pelo) .{1,60}",
    r"(?:verzonden|verstuurd) (?:vanaf|vanuit|met|van) .{1,60}|wysłan[eoay] (?:z|ze) .{1,60}",
    r"skickat från .{1,60}|sendt fra .{1,60}|lähetetty .{1,40}|odesláno z .{1,40}",
    r"отправлено (?:с|из|от) .{1,60}|iphone['’]?\w{0,3}dan gönder.{1,30}",
    r".{0,24}(?:iPhone|iPad|Android|スマートフォン|スマホ|携帯(?:電話)?|Xperia|Galaxy|AQUOS|ARROWS"
    r"|Windows|Gmail|Yahoo!?メール|Outlook|Mac|ドコモ|au|ソフトバンク|モバイル).{0,16}"
    r"から(?:の)?送信.{0,12}",
    r"(?:iOS|Android|Mac|Windows) ?版? ?(?:の|用)? ?Outlook ?(?:を(?:入手|取得)|から送信).{0,40}",
    r"Outlook for .{1,20}を(?:入手|取得|ダウンロード).{0,60}|Windows ?\d{0,2} ?版のメールから送信",
    r"(?:从|從)我的.{1,30}(?:发送|發送|傳送)|(?:发|發|傳)自我的.{1,30}|.{1,30}에서 보냄",
    head=r"[ \t　]{0,40}[-–—*]?[ \t]{0,40}",
    tail=r"[ \t　.]{0,40}",
)
FOOTER = re.compile(
    r"[ \t]{0,40}(?:_{20,}|to unsubscribe\b.*|virus-free\..*|this e-?mail has been (?:scanned"
    r"|checked) .*|このメールは.{0,30}ウイルス.{0,20}(?:検査|チェック|スキャン).*"
    r"|__________ (?:information from|esetからの|información de).*)",
    re.IGNORECASE,
)
BANNER = re.compile(
    r"[ \t*※【\[(<]{0,20}(?:caution|warning|external|注意|外部|庁外)[^\n]{0,40}?(?:external|outside"
    r"|originated|外部(?:から|メール|の)|庁外から)[^\n]{0,200}",
    re.IGNORECASE,
)
BANNER_ADVICE = re.compile(
    r"(?:添付ファイル|リンク|ＵＲＬ|URL|差出人|送信者|送信元)[^\n]{0,60}(?:開|クリック|確認|注意)"
    r"|do not (?:click|open|reply)|(?:click|open)(?:ing)? (?:any )?(?:links?|attachments?)"
    r"|recogni[sz]e the sender",
    re.IGNORECASE,
)
"""What stands below the first line of a banner."""
CONTACT = re.compile(
    r"tel|電話|☎|℡|fax|ファ(?:ック|ッ)ス|内線|直通|〒|[^\s@]{1,64}@[^\s@]{1,255}|e-?mail|メール"
    r"|https?://|住所|\d{2,4}[-(（)）]\d{2,4}[-)）]\d{3,4}",
    re.IGNORECASE,
)
FORM_LINE = re.compile(r"[ \t　・■○*]{0,20}([^:：\n]{1,30})[:：]")
