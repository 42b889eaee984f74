"""What absence notices and people's answers say, in the languages of the products and the field.

Tables only: `drillsim.mail.automatic` weighs them. Japanese stands first in each, since the drills
are Japanese; then English and the European, Chinese and Korean wordings that Exchange, Gmail,
Notes and web hosts ship as defaults. A phrase is here because the language says it so, never
because one mail did.
"""

import re

from drillsim.mail.patterns import any_of

TRIGGERS = tuple(
    "自動 不在 休 出張 離席 席を 外出 留守 産前 産後 育児 退職 異動 閉庁 時間外 でき 出来 遅れ 遅く"
    " 戻り 返信 送信専用 受付 受け付け お問 出社 登庁 出勤 復帰 回答 日数 転送".split()
) + tuple(
    "automat|auto-|autore|do not re|office|away|leave|vacation|holiday|travel|absent|unavailable"
    "|not available|back|return|limited access|access to|no longer|left the|closed|hours|thank you"
    "|received|ticket|click|confirm|verif|held|added to|büro|haus|urlaub|erreichbar|abwesen"
    "|vielen dank|absence|congé|merci|bureau|oficina|vacaciones|ausente|gracias|regres|ufficio"
    "|ferie|assente|grazie|escrit|férias|obrigado|retorn|afwezig|kantoor|vakantie|semester|ferie|loma"
    "|poissa|urlop|nieobecn|отпуск|отсутств|офис|休假|出差|办公|辦公|自动|외근|휴가|부재|자동|génér|respuesta|mensaje|risposta"
    "|messaggio|mensagem|resposta|challenge|pending|gone|vuelta|vacances|viaje|vacanza|licença"
    "|rientr|déplacement|indispo|disponible".split("|")
)
"""Words without one of which no pattern here matches; looked for in small letters, in no time."""

SUBJECT = any_of(
    r"自動(?:応答|返信|送信|配信|返答|回复|回覆)",
    r"不在(?:通知|応答|連絡|の(?:お)?知らせ|メール|設定|です|にし|中|[:：])",
    r"休暇(?:中|の(?:お)?知らせ|通知)|(?:お)?休み(?:中|の(?:お)?知らせ)",
    r"(?:転送|退職|異動|休業|休診|閉庁|夏季休業|年末年始)[^\n]{0,8}(?:お知らせ|ご?案内"
    r"|通知)",
    r"受付(?:完了|確認)|お問い?合わ?せ(?:を?受付|ありがとう)",
    r"auto(?:matic|mated|matische?)?[-_ ]?(?:reply|replied|response|responder|message|mail"
    r"|antwort|svar|notification)|auto:|automatic (?:e?mail|message)|automated",
    r"out[- ]of[- ](?:the[- ])?office|ooo\b|i(?: am|['’]m) (?:out|away|on|currently)",
    r"away (?:from|until|notice|message)|on (?:vacation|leave|holiday)",
    r"(?:vacation|holiday) (?:notice|message|reply|response)|absen(?:ce|t)\b"
    r"|not in the office",
    r"abwesen\w{0,20}|automatische|urlaub|nicht im büro|außer haus",
    r"réponse automatique|message automatique|absen(?:ce|t) |en congé",
    r"respuesta autom|autorespuesta|mensaje autom|fuera de (?:la )?oficina|ausen",
    r"risposta autom|fuori (?:sede|ufficio)|assenza",
    r"resposta autom|fora do escrit|férias|ausência",
    r"afwezig|buiten kantoor|automatisch antwoord",
    r"autosvar|frånvaro|fravær|automaattinen|poissa",
    r"automatyczna odpow|autoodpow|nieobecn|автоответ|автоматическ|вне офиса|отсутств",
    r"自动|外出|不在办公室|자동 ?(?:회신|응답)|부재",
    head=r"(?:【訓練】|\[[^\]]{1,20}\]|\s){0,8}[【\[(<＜※]{0,4}\s{0,8}",
)
"""The subject of an automatic reply, from its start; a "Re:" before it makes it a person's."""

CLAIM = any_of(
    r"(?:この|本|当)(?:メール|メッセージ|返信|通知|E-?mail)は[^。\n]{0,30}自動",
    r"※[^。\n]{0,20}自動(?:返信|応答|配信|送信)",
    r"自動(?:的に|で)?(?:返信|応答|配信|送信|転送)(?:です|メール(?:です|とな|にな)|により|して(?:い"
    r"|お)|されて(?:い|お)|(?:サービス|システム)(?:です|より|から|に))",
    r"(?:この|本)(?:メール|アドレス)(?:に|へ|は)[^。\n]{0,20}(?:返信(?:いただいても|は|され"
    r"|して)[^。\n]{0,16}(?:でき|出来|いただけ|お受け|ません|なさら)|送信専用)",
    r"送信専用の?(?:メール|アドレス)|ご?返信(?:は|を)?(?:いただ(?:け|き)(?:ません|かね)"
    r"|できません)",
    r"\bthis (?:is|e-?mail|message|reply|response)[^.\n]{0,30}\bauto(?:matic|mated|-?generated"
    r"|-?reply|-?response|responder)",
    r"automatic(?:ally)?(?:[- ]generated)? (?:e-?mail |vacation |out of office )?(?:reply|response"
    r"|message|answer|notification|acknowledg)",
    r"auto-?generated (?:e-?mail|message|reply)|automated (?:reply|response|message|e-?mail)",
    r"do not (?:reply|respond) to this (?:e-?mail|message|auto)",
    r"automatisch (?:generierte|erzeugte|erstellte|verzonden|gegenereerd)",
    r"automatische (?:antwort|nachricht|e-?mail|afwezigheid)",
    r"réponse (?:est )?automatique|message automatique|généré automatiquement",
    r"respuesta automática|mensaje (?:es )?automático|generado automáticamente",
    r"risposta automatica|messaggio automatico|mensagem automática|resposta automática",
    r"автоматическ\w{1,30} (?:ответ|уведомлен|сообщен)|自动(?:回复|发送)|自動(?:回覆|回復)"
    r"|자동 ?(?:회신|응답|발송)",
)
"""A machine says that it is one, of this very mail."""

NO_CLAIM = re.compile(
    r"(?:自動(?:返信|応答|送信|配信)|送信専用)の?(?:メール|アドレス)?では(?:あり|な|ござい)"
    r"|\bnot an auto(?:matic|mated)",
    re.IGNORECASE,
)

ABSENT = any_of(
    r"不在(?:に(?:し|致|いた|な)|です|とな|とさせ|の(?:ため|為)|につき|であ|中|期間|して)",
    r"(?:席|せき)を(?:外|はず)し|離席|留守に(?:し|致|いた)",
    r"休暇(?:を|中|のため|の為|とな|に入|で)|(?:お休み|休み)(?:を|中|です|して|のため|の為|とな"
    r"|いただ|頂)",
    r"休業(?:日|中|とさせ|いた|して|とな)|(?:育児|産前|産後|介護)休|育休|産休|休職",
    r"出張(?:中|のため|の為|で|に出|して)|外出(?:中|のため|して)|退職(?:し|いた|致)|異動(?:し|いた"
    r"|致|とな|にな)",
    r"閉庁(?:日|中|時間|とな|して)|(?:業務|勤務|開庁|執務|営業)時間(?:外|は)",
    r"(?:返信|回答|返答|連絡)(?:が|は|を)?[^。\n]{0,8}(?:でき(?:ません(?!でした)|かね)"
    r"|出来(?:ません(?!でした)|かね)|遅れる(?:場合|こと|可能)|遅くなる(?:場合|こと|可能)|お時間を"
    r"|日数|数日)|アドレスは[^。\n]{0,12}(?:廃止|使用(?:して|されて)(?:い|お)|使われて)",
    r"戻り(?:次第|ます|ましたら)|(?:出社|登庁|出勤|復帰)(?:後|次第|は)|自動(?:的に)?転送(?:して"
    r"|され)",
    r"\bout of (?:the )?(?:office|country|town|building)",
    r"away from (?:my|the) (?:office|desk|mail|computer|e-?mail)",
    r"(?:\bam|\bbe|\bis|\bare|currently|['’]m) (?:currently |presently |now )?(?:away|on (?:annual "
    r"|sick |maternity |paternity |parental )?(?:leave|vacation|holiday|a business trip)"
    r"|travell?ing|absent|not (?:in|at) (?:the )?(?:office|work|my desk)|unavailable"
    r"|not available)",
    r"(?:will(?: not)?|['’]ll|won['’]t|shall(?: not)?) be (?:back|out|away|gone|returning|returned"
    r"|absent|unavailable|in the office|on leave|travell?ing|able to (?:reply|respond|answer))",
    r"(?:will|['’]ll|to) return (?:on|in|to|by|after)|(?:gone|away|out) (?:until|till|through"
    r"|from)",
    r"return(?:ing)? (?:to (?:the )?(?:office|work)|on (?:mon|tue|wed|thu|fri|sat|sun|the|\d)"
    r"|in (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))",
    r"(?:limited|no|without|intermittent) access to (?:my )?e-?mail|back (?:in the office|at work)",
    r"upon my return|when i (?:return|get back|am back)",
    r"on (?:vacation|holiday|maternity leave|leave) (?:until|from|till|through)",
    r"no longer (?:with|works?|working|employed|at)\b|(?:has|have) left the (?:company|organi)",
    r"office is (?:currently )?closed|outside (?:of )?(?:our )?(?:office|business|working) hours",
    r"nicht (?:im (?:büro|haus|hause)|am arbeitsplatz|erreichbar|anwesend)|abwesend|außer haus",
    r"im urlaub|in urlaub|wieder (?:erreichbar|im büro|für sie|da\b|zurück)",
    r"absente?s? (?:du|de|jusqu)|(?:suis|serai) (?:actuellement )?(?:absent|en congé|en déplacement"
    r"|en vacances|de retour|à nouveau|indisponible)|en congés?\b|de retour (?:le|au|à)",
    r"fuera de (?:la |mi )?oficina|(?:estoy|estaré|encuentro|encontraré) (?:fuera|de vacaciones"
    r"|de viaje|ausente)|de vacaciones|no (?:me encuentro|estoy|estaré) (?:en la oficina"
    r"|disponible)",
    r"regres(?:o|aré) (?:el|a)|de vuelta el|fuori (?:sede|ufficio)|in ferie|rientrer[òo]"
    r"|rientro il",
    r"(?:sono|sarò) (?:assente|di nuovo|fuori|in vacanza)|fora do escrit|de férias|em férias",
    r"(?:estou|estarei|encontro-me) (?:fora|ausente|de licença)|retorn(?:o|arei) (?:no|em|ao|dia)",
    r"afwezig|niet (?:op kantoor|aanwezig|bereikbaar)|(?:met|op) vakantie",
    r"är (?:inte på|på semester|ledig|borta)|er ikke på|på ferie|lomalla|poissa|urlopie|nieobecn",
    r"в отпуске|отсутств|не в офисе|休假|出差|不在办公室|不在辦公室|외근|휴가|부재",
)
"""The writer, a colleague or the office is absent, or cannot answer now."""

DESK = any_of(
    r"お問い?合わ?せ(?:を|いただき|頂き|ありがとう|有難う)|受付番号|受け?付けました|受付(?:いた"
    r"|致)しました",
    r"thank you for (?:contacting|your (?:e-?mail|message|inquiry|enquiry|interest|request"
    r"|submission)|e-?mailing|writing|getting in touch)",
    r"(?:we|i)(?: have|['’]ve)? received your (?:e-?mail|message|inquiry|enquiry|request|mail)",
    r"your (?:request|ticket|inquiry|message|case|e-?mail)[^.\n]{0,40}(?:has been|was) (?:received"
    r"|created|logged|assigned|opened)|ticket (?:number|id|#)",
    r"gracias por (?:contactar|su|escrib)|merci (?:de|pour) (?:votre|nous avoir)",
    r"vielen dank für ihre (?:nachricht|anfrage|e-?mail)|grazie per (?:averci|il tuo|la sua)"
    r"|obrigado por",
)
"""What a web form or a help desk answers; a person who reports does not write so."""

TAKEN_IN = any_of(
    DESK.pattern,
    r"(?:内容を)?確認(?:の上|のうえ|次第|後)[、,]?[^。\n]{0,20}(?:回答|返信|連絡)(?:いた|致|させ"
    r"|申)",
    r"(?:追って|後日|後ほど)[^。\n]{0,16}(?:回答|返信|連絡)(?:いた|致|させ|申)",
    r"(?:will|shall) (?:get back|respond|reply|be in touch|contact you)",
)
"""A system has taken something in, or promises an answer, as people do too."""

CHALLENGE = any_of(
    r"(?:click|follow|visit|press)[^.\n]{0,60}(?:link|url|button|below)[^.]{0,120}(?:deliver"
    r"|confirm|verif|prove|human|approve)",
    r"(?:confirm|verify|prove)[^.\n]{0,60}(?:you are (?:a )?(?:human|real|person|not a)"
    r"|your (?:message|e-?mail address|identity|mail))",
    r"(?:sender|address) (?:verification|confirmation|authentication) (?:is )?(?:required|request"
    r"|needed)",
    r"challenge[-/]response|to be added to[^.\n]{0,30}(?:list|white)",
    r"message (?:is |has been )?(?:being )?held[^.\n]{0,40}(?:until|pending|confirm)",
    r"送信者の?(?:認証|確認)[^。\n]{0,20}(?:クリック|返信|アクセス)",
)
"""A filter wants a person to prove that they are one (challenge and response)."""

_DONE = r"(?:(?:いた|致)?しました|済(?:み|です|。|$)|ずみ|です)"
ACTED = any_of(
    r"(?:確認|承知|了解|拝受|拝見|把握|伝達|周知|報告|共有|点検)(?:は|を)?" + _DONE,
    r"(?:転送|対応)(?:いた|致)?しました|報告(?:いた|致)?します|見ました|みました|読みました"
    r"|承りました|りょうかい|了解",
    r"代理(?:で|にて|として|の(?:者|[^\n。]{1,12}(?:です|が)))[^。\n]{0,12}(?:確認|受信|受領|回答"
    r"|返信|報告|連絡し)",
    r"代わ(?:りに|って)[^。\n]{0,12}(?:確認|受信|受領|回答|返信|報告)",
    r"(?:宿直|日直|当直|宿日直|守衛|警備員?)[^。\n]{0,12}(?:受信|受領|受け取り|確認)(?:いた|致)?し(?:まし|て)",
    r"異常は?(?:あり|なし|無)|問題は?(?:あり|なし|無)|(?:以下|次|下記)の(?:とおり|通り)(?:報告"
    r"|回答)",
    r"\bi (?:have |hereby |can )?(?:confirm|acknowledge|checked|forwarded|read\b|seen)",
    r"\bwe (?:have |hereby |can )?(?:confirm|acknowledge|checked|forwarded|seen)|\backnowledged",
    r"\bconfirmed\b|received the (?:drill|exercise|notice)|roger that|zur kenntnis genommen"
    r"|bestätige|(?:je|nous) (?:confirm|accus)",
    r"\bconfirmo\b|\bconfermo\b",
)
"""Somebody did something about this very mail. No machine says so."""

ACTING = any_of(
    r"代理(?:で|として|の|に|です|者|が|[:：)）])|代わ(?:り|って)|代行(?:し|で)|後任",
    r"小職|下名|私(?:が|の方で|から)|(?:当方|こちら|課員|当職)(?:で|が|にて)|(?:対応"
    r"|確認)(?:(?:いた|致)?します|しております)",
    r"on behalf of|in (?:his|her|their) (?:place|absence|stead)|cover(?:ing)? for|in vertretung",
)
"""Somebody acts for the absent one: a person's answer, unless it only names whom to turn to."""

TURN_TO = any_of(
    r"お急ぎ|至急の(?:場合|用|ご|方)|緊急の?(?:場合|方|用件|ご用|御用|連絡先|際)",
    r"(?:まで|宛て?に?|へ|に)(?:ご|お|御)?(?:連絡|電話|問い?合わ?せ)(?:を)?(?:くだ|下|いただ|頂|願"
    r"|お願)",
    r"(?:不在|休暇|出張)(?:の間|期間中?|中)は",
    r"(?:in|for|if)[^.\n]{0,24}(?:urgent|emergenc)|please (?:contact|call|reach out|direct"
    r"|e-?mail)",
    r"dringend|wenden sie sich|en cas d['’]urgence|veuillez contacter|urgente|contacte|contattare",
)
"""Whom to turn to meanwhile: what absence notices end with."""

LATER = any_of(
    r"(?:(?:戻り|出社|登庁|出勤|帰庁|復帰|帰社)(?:次第|後|ましたら)|(?:休暇|休み|休日|連休)明け|翌"
    r"(?:開庁|営業|業務|平)?日(?:以降)?に?)[^。\n]{0,16}(?:確認|対応|連絡|返信|回答|報告)(?:(?:いた"
    r"|致)?し(?!まし)|させ|を(?:いた|さ|差))[^。\n]{0,8}",
    r"(?:内容を)?確認(?:の上|のうえ|次第|後)[^。\n]{0,24}(?:回答|返信|連絡|対応)(?:いた|致|させ|申"
    r"|し(?!まし))[^。\n]{0,6}",
)
"""Somebody will act later: no act yet, and taken out before `ACTED` is asked."""

RECEIVED = any_of(
    r"受信(?:いた|致)?しました|受け?取りました|受領|届き?ました|届いています",
    r"\breceived\b|erhalten|bien reçu|recibido|ricevuto|recebi|ontvangen",
)

RECEIVED_THIS = any_of(
    r"(?:^|[。\n、,])[ 　]{0,20}(?:(?:確かに|たしかに|無事に?)[ 、]?)?(?:受信|受領)(?:いた|致)?し"
    r"ました",
    r"(?:訓練|演習|本件|標記|状況付与|第[一二三四五六七八九十\d]{1,2}報)[^。\n]{0,16}?(?:受信(?:いた|致)?し"
    r"(?:まし|て)|受領(?:いた|致)?し(?:まし|て)|受け?取り|届き?(?:まし|て))",
    r"(?:^|[.!\n])\s{0,8}received(?:,? thank(?:s| you))?[.,!]|\breceived (?:this\b|it\b"
    r"|(?:the|your) (?:\w{1,20} )?(?:drill|exercise|notice))",
)
"""This very mail was received: the answer that a drill asks for. A notice that is set up before it
comes says 「メールを受信しました」 at most."""

OTHER_IS_ABSENT = any_of(
    r"(?:^|[。\n、,])[ 　]{0,20}(?!私|小職|本人|当)[^。、,\n]{1,16}(?:は|が|も)[^。\n]{0,30}"
    r"(?:不在|休|出張|外出|離席|席を外|異動|退職)",
    r"(?:不在|休み|休暇|出張|外出)中?[のな]?(?:ため|為|ので|につき|により|ですので|だったため)",
    r"\b(?:he|she|they|mr\.?|ms\.?|mrs\.?|(?:my|our|the) (?!office)\w{3,20})\b[^.\n]{0,30}\b(?:is"
    r"|are) (?:out|away|on|absent|not)",
)
"""Whoever is absent is somebody else than the writer."""
