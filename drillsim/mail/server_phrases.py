"""What mail servers say when a mail does not get through, in the languages that they speak.

Tables only: `drillsim.mail.bounces` weighs them. The wordings are the defaults of Postfix,
sendmail, Exim, qmail, Courier, OpenSMTPD, Exchange, Domino, IMail, hMailServer, Gmail, Yahoo!,
m-FILTER and the Japanese carriers, and their translations; addresses and names are RFC 2142's.
"""

import re

DAEMON_LOCAL = re.compile(
    r"(?:mailer|mail|mmdf|pmdf|smtp|dsn|[a-z]{3,12})[-_.]?daemon|post[-_.]?master|microsoftexchange"
    r"[0-9a-f]{16,}|mail-?delivery|mailerror|mail-?administrator|mailsystem|mailsweeper"
    r"|bounce-?handler|double-?bounce",
    re.IGNORECASE,
)
DAEMON_NAME = re.compile(
    r"mail(?:er)?[- ]?daemon|mail(?: delivery)? (?:sub)?system|mail delivery|delivery subsystem"
    r"|system administrator|mail administrator|internet mail delivery|post ?master"
    r"|ndr administrator|mail deliver|microsoft exchange|mail server|メール配[信送]|メールサーバ"
    r"|メールシステム",
    re.IGNORECASE,
)
DAEMON_ONLY = re.compile(r"[a-z]{3,12}[-_.]?daemon\b", re.IGNORECASE)
SYSTEM_LOCAL = re.compile(
    r"(?:.{0,60}[-_.])?(?:no-?reply|do-?not-?reply|donotreply|nobody|mailer|sys(?:tem|admin|op)?"
    r"|admin(?:istrator)?|root|mail-?filter|antispam|quarantine)(?:[-_.].{0,60})?",
    re.IGNORECASE,
)

SUBJECT = re.compile(
    r"undeliver|non-?deliver|returned (?:mail|message|to sender|e-?mail)|return(?:ing)? (?:message"
    r"|mail)|failure notice|delivery (?:status|notification|report|fail|problem|error|notice"
    r"|unsuccess|delay|has)|(?:mail|message|delivery|e-?mail)(?: \w{1,30}){0,2} (?:fail|error"
    r"|problem|bounce|not delivered|rejected|blocked|was not)|failed (?:mail|message|delivery"
    r"|e-?mail|to deliver)|mail status|(?:could|can|was|were|been)(?: ?not|n.t) (?:be )?(?:deliver"
    r"|sen[dt]|process)|unable to deliver|message status|address not found|bounced? (?:mail"
    r"|message)|automatically rejected|you sent blocked|not accepted|error sending|not "
    r"(?:a )?member|non-?member|warning: (?:could|message|e?mail|your)|message delayed"
    r"|returned mail|considered unsolicited|rejected:|nondeliverable|banned contents?|配[信送]"
    r"(?:不能|エラー|失敗|できません|遅延|不可|通知)|送信(?:エラー|できません|失敗|不能)|未達|不達"
    r"|メールエラー|エラーメール|宛先(?:不明|エラー)|(?:配[信送]|送信|届)(?:すること)?(?:が"
    r"|は)?でき(?:ません|なかった)|unzustellbar|nicht zugestellt|zustellung|fehlgeschlagen"
    r"|non remis|non distribu|échec|impossible de|non livré|no (?:se )?(?:ha )?(?:podido )?entrega"
    r"|devuelto|mancat[ao] (?:recapito|consegna)|non recapit|impossibile|não (?:foi )?entregue"
    r"|falha na|onbestelbaar|niet (?:afgeleverd|bezorgd)|не доставлен|недостав|退信|无法投递"
    r"|無法傳遞|반송|전송 실패|leverans|kunde inte|ikke leveret",
    re.IGNORECASE,
)
FIXED_SUBJECT = re.compile(
    r"undeliver(?:ed|able)|returned mail|returning message|failure notice|non-?delivery|delivery "
    r"(?:status notification|failure|failed|has failed|unsuccessful)|mail delivery (?:failed"
    r"|failure|error|problem)|mail system error|message (?:undeliverable|not delivered)"
    r"|could not deliver",
    re.IGNORECASE,
)
ANSWERS = re.compile(r"\s{0,8}(?:re|fwd?|aw|wg|tr|sv|vs|転送|返信)\s{0,8}[:：]", re.IGNORECASE)

SUCCESS = re.compile(
    r"success(?:ful|fully)? (?:mail )?deliver|(?:been|was|were) (?:successfully )?(?:delivered"
    r"|relayed) (?:to|successfully)|deliver(?:y|ed) (?:was )?success|正常に(?:配信|配送|送信|送達)"
    r"|(?:配信|配送)(?:が)?(?:完了|成功)(?:しま|いた|の)|erfolgreich (?:zugestellt|übermittelt)",
    re.IGNORECASE,
)
"""A report that all went well (RFC 3461, 4.1: NOTIFY=SUCCESS)."""

FAILURE = re.compile(
    r"(?:could|can|would|was|were|is|are|been|has|did|do|does)(?: ?not|n['’`o]?t)(?: yet)?(?: be"
    r"| been)? (?:be )?(?:deliver|sent|send|reach|complet|accept|process|transmit)|not "
    r"(?:be )?deliver|undeliver|unable to (?:deliver|send|relay|be deliver)|fail\w{0,20} to "
    r"(?:deliver|send)|deliver\w{0,20}(?: \S{1,80}){0,8} (?:fail|impossible)|failed (?:permanently"
    r"|addresses)|fail\w{0,20} recipient|permanent\w{0,20} (?:fatal )?(?:error|fail)|returned to "
    r"(?:the )?(?:sender|you)|error (?:was )?(?:has )?(?:detected|occurred|occured)|rejected (?:by"
    r"|for|your)|(?:was|were|been) (?:\w{1,30} )?(?:blocked|rejected|returned|bounced|refused"
    r"|discarded)|remote (?:host|server)[^\n]{0,30} (?:said|replied|issued)|transcript of "
    r"(?:the )?session|smtp error|trouble deliver|not (?:a )?member of|メンバーではありません"
    r"|delivery errors?\b|mailbox (?:is )?full|no valid recipients|delivery (?:was stopped"
    r"|status notification|to the following)|couldn.t deliver|address(?:es)? failed|problem"
    r"[^\n]{0,30}deliver|invalid final|unknown user|user unknown|delivery notifications?"
    r"|may not exist, or you may not have permission|has been delayed|not yet been delivered"
    r"|undelivered|(?:送信|配信|配送|お届け|届ける|転送|受信)(?:する)?(?:こと)?(?:が|は)?(?:でき"
    r"(?:ません|なかった|ず)|に失敗|されませんでした|不能|エラー)|届きませんでした|失敗しました"
    r"|投稿できなかった|拒否(?:され|しました)|遅延|宛先不明|エラー(?:が|内容|メッセージ)|nicht "
    r"(?:zugestellt|übermittelt|ausgeliefert)|unzustellbar|fehlgeschlagen|n.a (?:pas )?pu être"
    r"|échec de la|fehler bei der|pas pu être|no (?:se )?(?:ha )?(?:pudo|podido) (?:ser )?entreg"
    r"|non (?:è stato|può|recapit)|impossibile|não (?:foi|pôde|pode) |не может быть доставлен"
    r"|не доставлен|niet (?:worden )?(?:afgeleverd|bezorgd)|无法(?:送达|投递|发送)|未能(?:送达"
    r"|投递)|전달(?:하지|되지|할 수)|kunde inte|ikke leveres|nie (?:mogła|została)",
    re.IGNORECASE,
)
DELAY = re.compile(
    r"(?:has|have|is|was|been) (?:been )?delayed|not (?:yet )?been (?:fully )?delivered"
    r"|delayed (?:for|mail|delivery|by|\d)|still (?:undelivered|being|trying|in the queue)"
    r"|not yet (?:been )?(?:delivered|received)|have not yet received|will (?:keep (?:on )?trying"
    r"|continue (?:to (?:try|attempt)|trying|attempting)|be (?:retried|re-?tried|attempted again)"
    r"|retry|try again|try to|make further)|attempts? will continue|warning message only"
    r"|do(?:n.t)? not need to re-?send|no need to re-?send|temporary failure report"
    r"|kept in the queue|remains? undelivered|message (?:is )?still queued|\(delay(?:ed)?\)"
    r"|delivery delay|(?:配[信送]|送信)が?遅(?:延|れ)|遅延(?:して|が発生|通知)|再(?:送|試行"
    r"|度送信)を?(?:試み|行い|続け|繰り返)|verzöger|retardé|retrasad|ritardat|atrasad|vertraagd"
    r"|försena|задерж|延迟|延遲|지연",
    re.IGNORECASE,
)
GIVEN_UP = re.compile(
    r"giv(?:en|ing) up|given up|will be deleted from (?:the )?queue|will not be retried"
    r"|permanent(?:ly)? (?:fail|error|fatal)|permanent fatal|no further attempts"
    r"|message (?:has )?expired|returned to sender|could not be delivered for(?! more than)"
    r"|retry timeout exceeded|has been removed from the queue|unsent message|再送(?:は"
    r"|を)?(?:行いません|中止)|配[信送]を(?:断念|中止)",
    re.IGNORECASE,
)
# Below such a line stands the mail that came back.
COPY_BELOW = re.compile(
    r"^[ \t>*|=_+-]{0,40}(?:below this line is a copy|(?:this|included|here) is a copy"
    r"|[-= ]{0,80}original message|the original message (?:follows|was)?[^\n]{0,20}attach"
    r"|original message (?:follows|headers)|unsent message follows|returned (?:message|mail)"
    r"|message (?:header|text|copy)s?[^\n]{0,30}follow|(?:below is )?a copy of (?:the|your)"
    r"|undelivered message|the (?:header|first)s?[^\n]{0,40}message|message headers follow"
    r"|copy of (?:the )?message|元のメッセージ|送信(?:された)?メール(?:の|内容)"
    r"|-{1,80}\s{0,8}original message|原メール)[^\n]{0,200}$|^[ \t>]{0,4}(?:received|return-path"
    r"|dkim-signature|x-google-smtp-source|arc-seal):",
    re.IGNORECASE | re.MULTILINE,
)
FIELDS_IN_TEXT = re.compile(r"^(?:final|original)-recipient:", re.IGNORECASE | re.MULTILINE)
LEADING_ADDRESS = re.compile(
    r"^[ \t]{0,40}(?:[-*>]{1,3} )?(?:(?:\d{3}[ \t-]|(?:recipient )?(?:address|to|recipients?"
    r"|error-for|addressee)[^\n<@]{0,24}:|[^\n<@]{0,60}(?:delivered to|message to"
    r"|delivering your mail to|undeliverable address|userid):?|宛先[^\n<@]{0,10}[:：])"
    r"[ \t]{0,40})?<?([^\s<>()\[\],;:\"@]{1,128}@[^\s<>()\[\],;:\"]{3,255})",
    re.IGNORECASE | re.MULTILINE,
)
RETURNED_ID = re.compile(
    r"^[ \t>]{0,4}message-id:[ \t]{0,40}\n?[ \t]{0,40}(<[^<>\s]{3,500}>)", re.I | re.M
)
