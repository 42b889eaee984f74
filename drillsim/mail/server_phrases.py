"""What mail servers say when a mail does not get through, in the languages that they speak.

Tables only: `drillsim.mail.bounces` weighs them. The wordings are the defaults of Postfix,
sendmail, Exim, qmail, Courier, OpenSMTPD, Exchange, Domino, IMail, hMailServer, Gmail, Yahoo!,
m-FILTER and the Japanese carriers, and their translations; addresses and names are RFC 2142's.
"""

import re

DAEMON_LOCAL = re.compile(
    r"(?:mailer|mail|mmdf|pmdf|smtp|dsn|[a-z]{3,12})[-_.]?daemon|postmaster|mail-?delivery"
    r"|mailerror|mail-?administrator|mailsystem|mailsweeper|bounce-?handler|double-?bounce",
    re.IGNORECASE,
)
DAEMON_NAME = re.compile(
    r"mail(?:er)?[- ]?daemon|mail(?: delivery)? (?:sub)?system|mail delivery|delivery subsystem"
    r"|system administrator|mail administrator|internet mail delivery|post ?master"
    r"|ndr administrator|mail deliverer|mail server|メール配[信送]|メールサーバ|メールシステム",
    re.IGNORECASE,
)
SYSTEM_LOCAL = re.compile(
    r"(?:.*[-_.])?(?:no-?reply|do-?not-?reply|donotreply|nobody|mailer|sys(?:tem|admin|op)?|admin"
    r"(?:istrator)?|root|mail-?filter|antispam|quarantine)(?:[-_.].*)?",
    re.IGNORECASE,
)

SUBJECT = re.compile(
    r"undeliver|non-?deliver|returned (?:mail|message|to sender|e-?mail)|return(?:ing)? (?:message"
    r"|mail)|failure notice|delivery (?:status|notification|report|fail|problem|error|notice"
    r"|unsuccess|delay|has)|(?:mail|message|delivery|e-?mail)(?: \w+){0,2} (?:fail|error|problem"
    r"|bounce|not delivered|rejected|blocked|was not)|failed (?:mail|message|delivery|e-?mail"
    r"|to deliver)|mail status|(?:could|can|was|were|been)(?: ?not|n.t) (?:be )?(?:deliver|sen[dt]"
    r"|process)|unable to deliver|message status|address not found|bounced? (?:mail|message)"
    r"|automatically rejected|you sent blocked|not accepted|warning: (?:could|message|e?mail|your)"
    r"|message delayed|returned mail|considered unsolicited|rejected:|nondeliverable"
    r"|banned contents?|配[信送](?:不能|エラー|失敗|できません|遅延|不可|通知)|送信(?:エラー"
    r"|できません|失敗|不能)|未達|不達|メールエラー|エラーメール|宛先(?:不明|エラー)|(?:配[信送]"
    r"|送信|届)(?:すること)?(?:が|は)?でき(?:ません|なかった)|unzustellbar|nicht zugestellt"
    r"|zustellung|fehlgeschlagen|non remis|non distribu|échec|impossible de|non livré"
    r"|no (?:se )?(?:ha )?(?:podido )?entrega|devuelto|mancat[ao] (?:recapito|consegna)|non recapit"
    r"|impossibile|não (?:foi )?entregue|falha na|onbestelbaar|niet (?:afgeleverd|bezorgd)"
    r"|не доставлен|недостав|退信|无法投递|無法傳遞|반송|전송 실패|leverans|kunde inte"
    r"|ikke leveret",
    re.IGNORECASE,
)
ANSWERS = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|sv|vs|転送|返信)\s*[:：]", re.IGNORECASE)

FAILURE = re.compile(
    r"(?:could|can|would|was|were|is|are|been|has|did|do|does)(?: ?not|n['’`o]?t)(?: yet)?(?: be"
    r"| been)? (?:be )?(?:deliver|sent|send|reach|complet|accept|process|transmit)"
    r"|not (?:be )?deliver|undeliver|unable to (?:deliver|send|relay|be deliver)"
    r"|fail\w* to (?:deliver|send)|deliver\w*(?: \S+){0,8} (?:fail|impossible)"
    r"|failed (?:permanently|addresses)|fail\w* recipient|permanent\w* (?:fatal )?(?:error|fail)"
    r"|returned to (?:the )?(?:sender|you)|error (?:was )?(?:has )?(?:detected|occurred|occured)"
    r"|rejected (?:by|for|your)|(?:was|were|been) (?:\w+ )?(?:blocked|rejected|returned|bounced"
    r"|refused|discarded)|remote (?:host|server)[^\n]{0,30} (?:said|replied|issued)"
    r"|transcript of (?:the )?session|smtp error|mailbox (?:is )?full|no valid recipients"
    r"|delivery (?:was stopped|status notification|to the following)|couldn.t deliver"
    r"|address(?:es)? failed|problem[^\n]{0,30}deliver|invalid final|unknown user|user unknown"
    r"|delivery notifications?|may not exist, or you may not have permission|has been delayed"
    r"|not yet been delivered|undelivered|(?:送信|配信|配送|お届け|届ける|転送"
    r"|受信)(?:する)?(?:こと)?(?:が|は)?(?:でき(?:ません|なかった|ず)|に失敗|されませんでした|不能"
    r"|エラー)|届きませんでした|失敗しました|投稿できなかった|拒否(?:され|しました)|遅延|宛先不明"
    r"|エラー(?:が|内容|メッセージ)|nicht (?:zugestellt|übermittelt|ausgeliefert)|unzustellbar"
    r"|fehlgeschlagen|n.a (?:pas )?pu être|pas pu être|no (?:se )?(?:ha )?(?:pudo"
    r"|podido) (?:ser )?entreg|non (?:è stato|può|recapit)|impossibile|não (?:foi|pôde|pode) "
    r"|не может быть доставлен|не доставлен|niet (?:worden )?(?:afgeleverd|bezorgd)|无法(?:送达"
    r"|投递|发送)|未能(?:送达|投递)|전달(?:하지|되지|할 수)|kunde inte|ikke leveres|nie (?:mogła"
    r"|została)",
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
    r"|message (?:has )?expired|returned to sender|could not be delivered for"
    r"|retry timeout exceeded|has been removed from the queue|unsent message|再送(?:は"
    r"|を)?(?:行いません|中止)|配[信送]を(?:断念|中止)",
    re.IGNORECASE,
)
# Below such a line stands the mail that came back.
COPY_BELOW = re.compile(
    r"^[ \t>*|=_+-]*(?:below this line is a copy|(?:this|included|here) is a copy"
    r"|[-= ]*original message|the original message (?:follows|was)?[^\n]{0,20}attach"
    r"|original message (?:follows|headers)|unsent message follows|returned (?:message|mail)"
    r"|message (?:header|text|copy)s?[^\n]{0,30}follow|(?:below is )?a copy of (?:the|your)"
    r"|undelivered message|the (?:header|first)s?[^\n]{0,40}message|message headers follow"
    r"|copy of (?:the )?message|元のメッセージ|送信(?:された)?メール(?:の|内容)"
    r"|-+\s*original message|原メール)[^\n]*$|^[ \t>]{0,4}(?:received|return-path|dkim-signature"
    r"|x-google-smtp-source|arc-seal):",
    re.IGNORECASE | re.MULTILINE,
)
FIELDS_IN_TEXT = re.compile(r"^(?:final|original)-recipient:", re.IGNORECASE | re.MULTILINE)
LEADING_ADDRESS = re.compile(
    r"^[ \t]*(?:[-*>]+ )?(?:(?:\d{3}[ \t-]|(?:recipient )?(?:address|to|recipients?|error-for"
    r"|addressee)[^\n<@]{0,24}:|[^\n<@]{0,60}(?:delivered to|message to|delivering your mail to"
    r"|undeliverable address|userid):?"
    r"|宛先[^\n<@]{0,10}[:：])[ \t]*)?<?([^\s<>()\[\],;:\"@]{1,128}@[^\s<>()\[\],;:\"]{3,255})",
    re.IGNORECASE | re.MULTILINE,
)
RETURNED_ID = re.compile(r"^[ \t>]{0,4}message-id:[ \t]*\n?[ \t]*(<[^<>\s]{3,500}>)", re.I | re.M)
