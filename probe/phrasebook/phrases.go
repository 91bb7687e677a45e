package phrasebook

// Words that many patterns share. Patterns see the text as plain makes it: lower case, "not" spelt out,
// names replaced by marks.
const (
	// A refusal after its object.
	refused = `(?:denied|disallowed|refused|rejected|prohibited|forbidden|disabled|blocked|restricted|off\b|unauthori[sz]ed` +
		`|verboden|untersagt|not (?:yet )?(?:currently |been |be |an? |explicitly )*(?:allowed|permitted|authori[sz]ed|accepted|enabled|supported|possible|provided|granted|acceptable|allow|configured|open)|against (?:our|the|local|this) (?:\w+ )?polic\w+)`

	// "relay", and what may stand between it and its refusal: nothing that makes another thing the object.
	relaying = `\brelay(?:s|ing|age)?\b`
	between  = `(?:[ ,:;()"'*=-]+(?:access|attempts?|requests?|operations?|permission|privileges?|functions?|service|is|are|was|were|has|have|been|will|be` +
		`|currently|strictly|temporarily|permanently|generally|here|only|also|mail|e-?mails?|messages?|this|‹addr›` +
		`|(?:through|on|via|from|by|to|for|at|thru|in|of|as)(?: ‹(?:host|ip)›)*` +
		`|(?:this|that|the|our|my|your|any|an?|these|those|other|non-?local|external|remote|outside|foreign|unauthori[sz]ed|unauthenticated|smtp)` +
		`(?: (?:server|host|system|machine|mta|site|mail|domains?|recipients?|address(?:es)?|users?|clients?|hosts?|networks?|ip|destinations?|sites?|service))*` +
		`|domains?|recipients?|addresses|users?|hosts|networks|destinations?|sites|you|us|internet|me))*[ ,:;()"'*=-]+`

	// A denial before "relay", and what may stand between.
	unwilling = `\bnot (?:currently |be |been |explicitly |yet |an? )*(?:allow(?:ed|ing)?|permit(?:ted|ting)?|authori[sz]ed?|configured|able|willing|set ?up|enabled` +
		`|licensed|trusted|accept(?:s|ed|ing)?|support(?:s|ed|ing)?|do|provide|offer|perform|act|serve|eligible|in (?:the|our) list|have (?:permission|access|the right))`
	login   = `\b(?:authenticat\w+|auth\b|log(?:ged)? ?(?:in|on)\b|sign(?:ed)? ?in\b|credentials|password)`
	ofRelay = `(?: ‹(?:addr|host|ip)›| (?:to|for|you|us|any|open|be|act|as|an?|the|this|that|mail|e-?mails?|messages?|smtp|third[- ]party|unauthori[sz]ed` +
		`|unauthenticated|anonymous|external|outside|access|users?|clients?|hosts?|it|send|sending|and|or|use|using|its|our|my|your|ip|address(?:es)?))* relay(?:s|ed|ing|age)?\b`

	// As servers spell it.
	unknown = `(?:unknown?|unkn?own|uknown|unkonwn?)`

	mailbox = `(?:e-?mail ?box|mail ?box|inbox|maildir|mail ?folder|e-?mail account|account|user(?:id|name)?|rec[ie]+p[ie]+[ae]?nts?|addressee|add?ress|alias|local[- ]part|person|mail ?address|customer|member|mail ?drop|e-?mail|employee|subscriber|rec(?:ei|ie)ver)`
	gone    = `(?:` + unknown + `|unava[il]+able|inactive|disabled|suspended|closed|expired|deactivated|locked|frozen|terminated|archived|discontinued|deleted|removed|moved|invalid|non-?existent|missing|restricted` +
		`|not (?:be |been |being |a |an |currently |yet |or )*(?:founds?\b|found|exs?ists?|existing|known|valid|active|activated|available|recogni[sz]ed|listed|registered|used|ok|present|here|have|accepting|enabled|local|hosted|verified|receiv\w+|receive mail|be verified|accessed|take mail)` +
		`|(?:was|were|is|be) not found|(?:can|could|will|does|do) not (?:receive|take|hold|accept (?:mail|e-?mail|messages|any|more))|unable to receive|no longer|due to inactivity|(?:does )?no exists?\b|gone\b|left\b|dead\b|retired|deceased|inaccessible|shut ?down|any ?more\b|any longer|not an? member|has been (?:replaced|disabled|closed|moved|deactivated|suspended))`
	// The same in other languages.
	foreignUser = `(?:destinatair\w*|destinatari\w*|destinat[aá]ri\w*|destin\.|empf(?:ä|ae|a)nger|benutzer|postfach|konto|adressat|utilisateur|usu[aá]rio|utilizador|uživatel\pL*|cuenta|casilla|buz[oó]n|conta\b|caixa|casella|utente|indirizzo|adresse|direcci[oó]n|endere[cç]o|gebruiker|ontvanger|postvak|u[zż]ytkownik\pL*|skrzynk\pL*|adresat\b|mailbox|bo[iî]te|пользовател\pL*|получател\pL*|ящик\pL*|адрес\pL*)`
	foreignGone = `(?:unbekannte?r?\b|existiert nicht|nicht (?:bekannt|gefunden|vorhanden|aktiv)|ung[uü]ltig|gesperrt|gel[oö]scht|deaktiviert|zu ?viele|inconnue?s?\b|inexistante?s?\b|n'existe pas|invalides?\b|est bloqu|d[eé]sactiv[eé]|suspendu|pleine|desconocid[oa]|inexistente|inv[aá]lid[oa]|inactiv[oa]|expirad[oa]|deshabilitad[oa]|desactivad[oa]|suspendid[oa]|bloquead[oa]|no encontrad[oa]|lleno|desconhecid[oa]|n[aã]o encontrad[oa]|desativad[oa]|suspens[oa]|cheia|sconosciut[oa]|inesistent[ei]|non (?:trovat|valid|attiv)[oa]|disattivat[oa]|disabilitat[oa]|bloccat[oa]|inattiv[oa]|onbekende?|bestaat niet|neexistuje|niet gevonden|nieznan\pL|nie znaleziono|zablokowan\pL|nieaktywn\pL|usuni[eę]t\pL|не (?:найден|существует)|неизвестн\pL+|отключ[её]н|заблокирован|переполнен|удал[её]н)`

	full = `(?:full\b|over ?-?quota|(?:over|above) (?:its |their |his |the )?(?:disk |storage |mail ?box |allowed |size )*(?:quota|limit)|quota|exceed|out of (?:storage|space|quota)|exhausted|used up|no (?:more )?(?:room|space)|too (?:large|many messages)|no space)`

	// What servers say of an address that has no good name in DNS.
	nameless = `ip name (?:lookup failed|possibly forged)|\bptr\b|\breverse[ -](?:dns|lookup|name|host|mapping|address|resol|mx)|\breverse (?:\w+ )?(?:dns|name)|\br-?dns\b|no reverse|invalid rdns`

	// A connection that is to be a secure one.
	link       = `(?:connection|session|channel|link|transport|communication)s?\b`
	secureLink = `\b(?:in|un|non-?|not )(?:secured?|encrypted|protected) ` + link + `|\b` + link + `(?: is| are| was| must be| should be| has to be| needs to be)*(?: not (?:secured?|encrypted|protected)| insecure| unsecured?| secured?\b| encrypted)` +
		`|\b(?:secured?|encrypted|protected) ` + link + ` (?:is |are )?(?:needed|required|mandatory|only|expected|first)|\b(?:use|over|via|needs?|requires?|only|demands?|expects?) (?:an? )?(?:secured?|encrypted|protected) ` + link

	ourAddress = `(?:(?:your|this|the|sending|sender|client|source|connecting|connection|remote|originating|access|bad|black|spam)(?: (?:mail|server|smtp|host|sending|source|client|sender|machine|network|system))*(?:'s)? ip\b|\bip[ :=]*(?:address )?‹ip›|\bip (?:address )?is\b|^\d{3} ip\b|‹ip›)`
	unwelcome  = `(?:block|bann|black|reject|refus|den(?:y|ied)|not (?:be |been |currently |yet )*(?:allowed|accepted|permitted|authori[sz]|welcome|trusted|white|sent|(?:in|on) (?:the |our |my )?(?:white|allow|list))|spam|bad\b|forbid|restrict|suspicious|abus|listed|deferred|problem|prohibit|suspend|disallow|untrusted|filtered|hang ?up)`
)

// Phrases are the wordings known, tried in order. The order is the rule that the object refused decides:
// a server that names our address, our HELO or our sender has not come to the relay question, even where
// it says "relay" ("Your relay is listed at bl.example.net"). Within a meaning, specific before general.
var Phrases = []Phrase{
	// Greylisting, only where it is called so.
	{MTA: "", Meaning: Greylisted, Pattern: re(`gr[ea]y[ _-]?(?:list|hold|trap|delay)|‹grey›|graue liste|liste? gris|lista (?:gris|cinza)|grigia|серый список|серого списка|грейлист|灰名单|灰名單|グレイリスト`),
		Example: "451 4.7.1 Greylisting in action, please come back in 00:05:00"},

	// Whatever follows these words of Postfix, the sender is the object.
	{MTA: "Postfix", Meaning: SenderRejected, Pattern: re(`sender address rejected|sender verif\w* (?:fail|error|callout)|\bcall-?(?:out|back)[^.;]{0,40}\bsender|\bsender[^.;]{0,40}\bcall-?(?:out|back)|^\d{3} verification failed for ‹addr›|sender (?:address|domain) ‹?\S* ?blocked using`),
		Example: "550 5.7.1 <s@example.net>: Sender address rejected: not logged in"},

	// A lookup that is not done yet says nothing of the address.
	{MTA: "Postfix", Meaning: Temporary, Pattern: re(`address verification in progress|verification (?:is )?(?:in progress|temporar)|(?:recipient )?callout (?:is )?(?:in progress|temporar)|could not complete recipient verify`),
		Example: "450 4.1.1 <u@example.org>: Recipient address rejected: unverified address: Address verification in progress"},

	// What another server says, or nobody, about the recipient: an open relay that verifies addresses says so too.
	{MTA: "Exim", Meaning: RecipientDomainRejected, Pattern: noRoute,
		Example: "550 Unrouteable address"},

	// Postfix again: the HELO or the client is the object.
	{MTA: "Postfix", Meaning: HeloRejected, Pattern: re(`helo command rejected|\b(?:helo|ehlo) (?:domain|name|host ?name) is (?:black-?)?listed|\bbad helo\b`),
		Example: "450 4.7.1 <foo>: Helo command rejected: Host not found"},
	{MTA: "Postfix", Meaning: RateLimited, Pattern: re(`client host rejected: [^.]{0,40}(?:slow|too many|too fast|rate|limit)|\bsend limit|recipients? per (?:message|mail|session|connection)`),
		Example: "451 4.7.1 <unknown[192.0.2.7]>: Client host rejected: Please try again slower"},
	{MTA: "Postfix", Meaning: Syntax, Pattern: re(`command pipelining`),
		Example: "503 5.5.0 <unknown[192.0.2.7]>: Client host rejected: Improper use of SMTP command pipelining"},
	{MTA: "Postfix", Meaning: ClientBlocked, Pattern: re(`client host bypass|\bsender ip (?:address )?‹ip› is (?:locally )?black-?listed|not allowed from this (?:ip |network |address )*range\b|client (?:host|address|ip) (?:‹\w+› )?(?:is )?not (?:allowed|permitted|authori[sz]ed|welcome) to (?:connect|talk|send (?:mail )?(?:here|us))|(?:host ?)?name of (?:the |your )?(?:client|host|server|address)[^.;]{0,20}(?:unknown|not )|client (?:host |address |ip )?(?:‹\w+› )?(?:is )?(?:rejected|blocked|denied|refused|banned|black-?listed)`),
		Example: "554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied"},

	{MTA: "QQ Mail", Meaning: AuthRequired, Pattern: re(`(?:helo|ehlo) and auth\b`),
		Example: "503 Error: need EHLO and AUTH first !"},

	// HELO and EHLO as commands that are missing, not as names that are wrong.
	{MTA: "", Meaning: Syntax, Pattern: re(`(?:send|sa(?:y|id)|issue|use|need|expect\w*|want|missing|no|without|requires?|introduce yourself with) (?:an? |your |the )?(?:helo|ehlo|hello)(?:[ /]+(?:or )?(?:helo|ehlo))?(?:$|[ .,;!-]*(?:command )?(?:first|before|required|please|is required)\b|[.!]?$)|(?:helo|ehlo|hello)\b[^.]{0,20}\b(?:first|before)\b|duplicate (?:helo|ehlo)|\b(?:helo|ehlo) needed|(?:^\d{3} |after )(?:helo|ehlo) (?:or (?:helo|ehlo) )?(?:is )?required`),
		Example: "503 5.5.1 Error: send HELO/EHLO first"},

	{MTA: "", Meaning: HeloRejected, Pattern: re(`^5\d\d (?:\S+ )?(?:your )?(?:helo|ehlo)(?:/(?:helo|ehlo))? (?:host|name|domain|argument)[^.]{0,30}(?:match|r-?dns|reverse|ptr)`),
		Example: "550 5.7.1 EHLO/HELO domain doesn't match the rDNS name"},

	{MTA: "Exim", Meaning: RecipientUnknown, Pattern: re(`could not deliver mail to ‹addr›\. the account or domain may not exist`),
		Example: "550-The mail server could not deliver mail to u@example.org. The account or\n550-domain may not exist, they may be blacklisted, or missing the proper dns\n550 entries."},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`\b(?:mail ?box|mail ?folder|inbox|maildir)\b[^.:]{0,40}\b(?:size|limit|quota|storage)`),
		Example: "552 5.2.2 Mailbox size limit exceeded"},

	// The message, where its size or links are named: before lists and limits, which it could be taken for.
	{MTA: "", Meaning: ContentRejected, Pattern: re(`(?:message|mail|e-?mail|header|data)(?:'s)?(?: \w+)? (?:size|length)|size (?:of (?:the |your )?message|exceed|limit)|(?:message|mail|e-?mail|attachment|body) (?:is |was )?(?:too (?:big|large|long)|larger|exceed)|too much mail data|max(?:imum)? message size|duplicate header|multiple (?:\S+ )?headers?\b|missing (?:\S+ )?headers?\b|超过大小`),
		Example: "552 5.3.4 Message size exceeds fixed limit"},
	{MTA: "", Meaning: ContentRejected, Pattern: re(`\b(?:ur[li]s?|links?|body|content|attachment)\b[^;]{0,60}(?:‹list›|‹dbl›|listed|black-?list|block-?list)|black[ -]?listed url`),
		Example: "550 A URL in this email (example.net) is listed on https://spamrl.com/. Please resolve and retry"},

	// The sending domain's standing and its authentication (RFC 7372 3).
	{MTA: "", Meaning: SenderRejected, Pattern: re(`\bspf\b|‹spf›|\bdkim\b|\bdmarc\b|sender policy framework|domainkeys|\bsender[ -]?id\b`),
		Example: "550 5.7.26 Unauthenticated email from example.net is not accepted due to domain's DMARC policy."},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`spoof|sender (?:address )?(?:is |was )?forged|masquerad|impersonat|(?:fake|forged?|forging) (?:sender|address|mail|from|envelope|domain)|possible forgery|mail ?from ‹?\S* ?mismatch`),
		Example: "550 5.7.1 Anti-Spoofing policy - Inbound not allowed"},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`unauthenticated (?:e-?mail|messages?|mail)|authentication (?:checks|level|information|results)|sender is unauthenticated`),
		Example: "550 5.7.515 Access denied, sending domain EXAMPLE.NET doesn't meet the required authentication level."},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`reputation of (?:the |your |a )*(?:sending |sender )?domain|(?:sending |sender |your )domain(?:'s)? (?:has )?[^.]{0,20}reputation|‹dbl›|(?:sender|envelope|your domain|from address|e-?mail address|sender domain|mailfrom domain)[^.]{0,40}(?:black|block|deny)[ -]?list|(?:mailfrom|sender) domain (?:is )?listed|senderfilter|members[- ]only|non-member|purported responsible|(?:envelope sender|sender (?:address |domain )?(?:is|was|has|‹addr›))[^.]{0,40}(?:spammer|spam\b|black|block)`),
		Example: "550 5.0.1 Invalid Sender. Your domain has been blacklisted"},
	{MTA: "Netease", Meaning: SenderRejected, Pattern: re(`\bwm:blu\b|\bdt:sum\b|\bmi:spb\b`),
		Example: "450 WM:BLU 163 mx3,O8CowAD3"},

	// Relaying is denied, with a doubt about the name of our address beside it.
	{MTA: "Sendmail", Meaning: RelayDenied, Pattern: re(relaying + between + refused + `.*(?:` + nameless + `)`),
		Example: "550 5.7.1 <r@example.com>... Relaying denied. IP name lookup failed [192.0.2.7]"},

	{MTA: "", Meaning: Temporary, Pattern: re(`^4\d\d .*(?:accept\w* (?:any |new |more |incoming )*(?:connections?|mail|e-?mail|messages?)(?: from anyone)?|(?:connections?|mail|e-?mail|messages?) (?:(?:is|are|can|be|not) )*accepted) (?:at (?:this|the|present)|right now|now\b|for now|currently|until)`),
		Example: "421 4.3.2 Can not accept connections at this time"},

	// Our address: listed, nameless, ill reputed. These stand before relaying by rule.
	{MTA: "Postfix", Meaning: ClientBlocked, Pattern: re(`(?:client|host|ip|server|address)\b[^.;]{0,60}\b(?:blocked|rejected|refused|listed|denied) (?:using|by|at|in|on) ‹(?:list|host)›|blocked using`),
		Example: "550 Rejected: 192.0.2.7 is blocked using bl.example.net"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`‹list›|‹ip› is (?:on|in) ‹host›`),
		Example: "550 5.7.1 Rejected, see https://www.spamhaus.org/query/ip/192.0.2.7"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`\b(?:dns|r|at?tr|dr)bl\w*\b|\b(?:black|block|deny)[ -]?list(?:ed|ing|s)?\b|spamhaus|spamcop|barracuda reputation|\bis blocked for assistance|\b(?:sbl|xbl|pbl|css|zen)\b|rbl deny|lista negra|liste noire|schwarzen? liste|чёрн|черн\w+ спис|黑名单|ブラックリスト`),
		Example: "550 permanent failure: Mail Refused - IP Address 192.0.2.7 Blacklisted"},
	{MTA: "Sendmail", Meaning: ClientBlocked, Pattern: re(nameless + `|\brp:rdn\b|dns:nr`),
		Example: "550 5.7.1 Fix reverse DNS for 192.0.2.7"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`(?:find|resolve|look ?up|verify|determine|match) (?:your|client|the client) (?:host ?name|address|host|ip|name)|unresolvable (?:relay |client |host )*(?:name|host|ip|address)|(?:(?:your|sending|client|sender|connecting) (?:ip|host|ip address)|your (?:address|server))(?: ‹\w+›)? (?:must|should|does not|can not|could not)\b[^.]{0,20} ?resolve|host can not be resolved|dynamic(?:/\w+)* (?:ip|dns|address|host|range|pool|ips)|(?:is|are) dynamic\b|dynamic/|dynamically|dial-?up|residential|generic (?:dns|ptr|host)`),
		Example: "554 5.7.1 Access denied: unresolvable relay host name [192.0.2.7]"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`(?:\byou\b|\byour \w+|\b(?:sending|remote|client|connecting|sender) (?:mta|host|server|system|ip)\b|mail server ip\b|‹ip›)[^.]{0,40}\b(?:is|are|be|as|was|running|appears? to be|listed as|known as) an? (?:known )?open[ -]?(?:mail )?(?:relay|proxy)|open[ -]?(?:relay|proxy) (?:listed|detected|found|test|check|servers? are|host)|(?:from|by|via|through) (?:an? |known |your )*(?:open|insecure)[ -](?:mail )?(?:relay|prox)|\binsecure (?:mail )?relay|rejecting open proxy|(?:refused|blocked|rejected|denied):? (?:an? )?open[ -]relay|(?:^\d{3} (?:‹host› )?|: |sorry,? |tested as )(?:an? |known |possible |suspected )*open[ -](?:mail |smtp )?relays?[^a-z]{0,4}(?:$|see\b|visit|for details|‹url›|‹host›)|open[ -]relays? problem|open[ -]relays blocked|(?:list|database) of open[ -](?:relays|prox)|(?:in|by|from) (?:an? |the |our )?open[ -](?:relay|proxy) (?:database|list)|open[ -](?:relay|proxy) (?:database|list) (?:lists|has)|\brelay (?:is )?open\b|open[ -]relays (?:are|is|get) |open[ -]relay at ‹ip›`),
		Example: "550 5.7.1 Your server is an open relay; fix it first"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`reputation|complaints|spammer|spam ?bot|botnet|zombie|spam (?:source|origin|host|network|ip)|sending spam|known (?:for|to send|source of) spam|your access to|(?:not|no longer) accepts? connections|sending ips\b|(?:mails?|messages?|connections?|traffic|access) (?:(?:is|are|was|not|accepted|denied|allowed|blocked) )*from your location|namespace mining|unwanted messages|sent from your ip address has been blocked|ip profile|\bbad (?:sender )?ip\b|mismatch\w* client ip|mail server is (?:currently )?(?:blocked|listed)|\bip block\b|too (?:much|many) spams?\b|abus(?:e|ive) (?:from|detect|host|ip|server)|connections? refused due to abuse|abus detect|attacks? from|bounce attacks?|identified as spam(?:mer)?\.? |will be permanently deferred|block(?:ed)? list|\b(?:black|invalid|suspicious|untrusted) ip\b`),
		Example: "554-mx.example.org\n554 Your access to this mail system has been rejected due to the sending MTA's poor reputation."},
	{MTA: "Gmail", Meaning: ClientBlocked, Pattern: re(`(?:send e-?mail|to send) directly to|use the (?:smtp )?(?:relay|server|smtp server) (?:at|of|provided by) your (?:service provider|isp|provider)`),
		Example: "550-5.7.1 [192.0.2.7] The IP you're using to send mail is not authorized to send email directly to our servers. Please use the SMTP relay at your service provider instead."},
	{MTA: "Outlook.com", Meaning: ClientBlocked, Pattern: re(`part of (?:their|your) network is on|banned send|ip not in white ?list|restrictdomainsto(?:ip|cert)|as\d{6,} ?client`),
		Example: "550 5.7.606 Access denied, banned sending IP [192.0.2.7]."},
	{MTA: "AOL", Meaning: ClientBlocked, Pattern: re(`\brtr:(?:bl|sc|bb|du|rd|ge)|\brly:(?:b[l123]|sn|ir)|\bcon:b\d|\bcxbl\b|\bcdrbl\b|\bcxdns\b|\b(?:hl:(?:rep|mep)|dt:rbl|wm:bli|mi:spi)\b|\bipbl\d`),
		Example: "554- (RTR:BL)\n554 Connecting IP: 192.0.2.7"},

	// The HELO name.
	{MTA: "", Meaning: HeloRejected, Pattern: re(`\b(?:invalid|bad|bogus|forged|fake|malformed|illegal|unacceptable|wrong|incorrect|unresolvable|unqualified|non-?fqdn|empty|impossible|suspicious)(?: \w+)? ?(?:helo|ehlo)\b`),
		Example: "550 5.7.1 bogus HELO name used: foo.example"},
	{MTA: "", Meaning: HeloRejected, Pattern: re(`\b(?:helo|ehlo|hello)\b[^.;]{0,70}(?:invalid|reject|denied|refused|not |missing|must |should |mismatch|malformed|forg|illegal|bad|require|fake|block|syntax|wrong|black|doesn|forbid|need|localhost|\bown\b|one of (?:our|my))|helohost error`),
		Example: "550 5.5.0 your ehlo domain does not resolve to an IP address"},
	{MTA: "", Meaning: HeloRejected, Stages: []Stage{Helo}, Pattern: re(`^5\d\d .*(?:invalid (?:domain|host|name)|host ?name|domain (?:name|address)|fully[- ]qualified|fqdn|malformed|argument|does not resolve|not found|you are not|not you\b|\byour name\b|\b(?:my|our)(?: own)? (?:host ?)?(?:name|address)|own name)`),
		Example: "501 5.0.0 Invalid domain name"},

	// What is wrong with a message, though it is counted; and a loop, which is no rate.
	{MTA: "", Meaning: Temporary, Pattern: re(`\b(?:virus|spam|content|policy|milter|scan\w*|filter\w*|clam\w*|amavis\w*|rspamd|spamd)\b[^.;]{0,40}\b(?:not (?:available|responding|reachable|running|ready)|unavailable|down\b|timed?[ -]?out|unreachable|can not be (?:reached|contacted)|temporar\w+ (?:error|fail\w*|problem|unavail\w*)|internal error)|^4\d\d .*(?:virus|spam|content)(?: \w+)? (?:check|scan|filter)\w* (?:fail|error)|^4\d\d .*(?:virus|spam|content|filter|scan)[^.;]{0,30}\b(?:re)?(?:starting|loading|being updated)|(?:can|could) not (?:contact|connect to|reach|run) (?:\w+ ){0,3}(?:virus|spam|scan|filter|milter|policy)|unable to (?:contact|connect to|reach|run|scan) (?:\w+ ){0,3}(?:virus|spam|scan|filter|milter|policy|message)`),
		Example: "451 4.3.0 Content filter is unavailable"},
	{MTA: "", Meaning: ContentRejected, Pattern: re(`too many (?:\w+ )?(?:mime\b|attachments?|headers?|parts\b|links?\b|urls?\b|images|nested)|\b(?:mime|spam|scor\w*|headers?|attachments?|nesting|boundar\w+|body parts?|recursion)\b[^;]{0,40}\b(?:exceed\w*|limits?|threshold|too (?:high|deep|long|large|big|many)|max\w*|depth)\b|\b(?:exceed\w*|above|over|too (?:high|deep))[^.;]{0,30}\b(?:mime|spam|scor\w*|header|attachment|nesting)|violat\w+ [^.;]{0,20}\b(?:mail|message|content) polic|\b(?:message|mail|e-?mail) (?:breaks|violates|breaches|is against)[^.;]{0,20} polic|\bpoints?\b[^.;]{0,30}\b(?:max\w*|limit|over|required|threshold)|nested too|subject (?:is |line |header )*(?:empty|missing|required)`),
		Example: "554 5.6.0 Too many MIME parts"},
	{MTA: "", Meaning: RefusedOther, Pattern: re(`too many hops|hop count|hops exceeded|\b(?:mail|message|routing|forwarding|delivery) loop|\bloop (?:detected|found)`),
		Example: "554 5.4.6 Too many hops"},

	// Quotas and rates of senders, even those that say "relay"; then the recipient's own quota.
	{MTA: "Gmail", Meaning: RateLimited, Pattern: re(`(?:daily|hourly|peak|monthly|send|sending|sender|submission|smtp relay|relaying|outgoing|outbound|session|connection|transaction)(?: \w+){0,3} (?:quota|limit|rate)s?\b|(?:thread|receive) limit|exceeded (?:their|its|the) (?:\w+ )?limit (?:for|of) |limits? for how many|per[ -](?:hour|day|minute|second)\b|\b(?:received|sent|messages|for|in|within|of) this hour\b|\b(?:sent|sends|sending|receiv\w+|gets|got)\b[^.;]{0,40}\btoo (?:many|much|quickly|fast|often)|\b(?:sent|sending)\b[^.;]{0,20}\b\d+ (?:e-?mails?|mails?|messages?|recipients?)\b|\b(?:limit\w*|allow\w*|max\w*|quota|only)\b[^.;]{0,40}\b(?:today|a day|(?:in|within|during|over) (?:the |any )?(?:last |past )?(?:\d+ )?(?:hour|day|minute)s?)\b|\b(?:today|daily|24[ -]?h(?:ours?)?)\b[^.;]{0,40}\b(?:limit\w*|allow\w*|max\w*|quota)`),
		Example: "550 5.4.5 Daily SMTP relay limit exceeded for customer."},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`\b` + mailbox + `\b[^.:]{0,60}\b` + full + `|\bmail ?box (?:\w+ )?limit\b|\b(?:full|exceed\w*|not enough space in|over quota|no (?:more )?(?:room|space))[^.]{0,20}\b(?:mail ?box|mail ?folder|maildir|inbox)\b|over ?quota|quota exceeded for (?:the )?(?:user|mailbox|recipient|account|‹addr›)|out of quota|exceeded storage allocation|(?:boite|boîte)[^.]{0,40}pleine|postfach[^.]{0,20}voll|buz[oó]n (?:est[aá] )?lleno|caixa (?:postal )?(?:est[aá] )?cheia|casella piena|переполнен|邮箱已满|too (?:many messages|much mail) (?:in|on) (?:this|the)|quota violation|space has been used up`),
		Example: "552 5.2.2 Mailbox full"},
	{MTA: "Netease", Meaning: RateLimited, Pattern: re(`\b(?:hl:i[cf]c|mi:(?:cel|dmc|ccl|sfq|stc)|rp:(?:drc|ccl|cel|qrc|trc|orq)|dyn:t\d|cxcnct|cxmxrt)\b|\brp-00\d`),
		Example: "450 MI:SFQ 163 mx14,QMCowADXZ"},
	{MTA: "", Meaning: RateLimited, Pattern: re(`\btoo (?:many|much|fast|quick\w*|frequent\w*|often|busy|rapid\w*)\b|rate[- ]?limit|throttl|frequency|\bbusy\b|slow(?:er)? ?(?:down)?\b|\bquota\b|concurren|unusual rate|excessive|exceed\w*[^.]{0,50}\b(?:limit|limits|rate|number|max\w*|allowed|threshold)|(?:limit|threshold|max\w*|count|number)(?: \w+){0,3} (?:exceeded|reached)|\ba rate that\b|faster than|过多|過多|quotaexceeded|submissionquota|only one (?:recipient|rcpt|message|connection)|one recipient (?:at a time|per)|\d+ (?:messages?|mails?|e-?mails?|recipients?) (?:per |each |every |an? (?:day|hour|minute|month)|(?:in|within) (?:one|the|an?|\d+) (?:hour|day|minute))|l[ií]mite?[^.;]{0,30}(?:superad|excedid|alcanzad|d[eé]pass|atteint|raggiunt|superat)|(?:quota|limite) journali|limit (?:ist )?(?:erreicht|überschritten)|(?:tages|stunden)limit|(?:more than|only|at most|up to) \d+ (?:\w+ )?(?:recipients?|connections?|rcpts?|messages?|e-?mails?|mails?|sessions?)\b|max(?:imum)? (?:number of )?(?:messages?|connections?|recipients?|rcpts?|sessions?|errors?)|out of allow rcpt|many recipients|multiple destination domains|trop de|zu viele|demasiad|muitas|troppi|слишком много|превышен|过于频繁|频率|頻率|頻度`),
		Example: "452 4.5.3 Error: too many recipients"},

	// Not in Postfix's table of relayed recipients.
	{MTA: "Postfix", Meaning: RecipientUnknown, Pattern: re(`unknown in \w+(?: \w+){0,3} table|relay recipient (?:table|maps?)|(?:not local or unknown|unknown or not local)`),
		Example: "550 5.1.1 <u@example.org>: Recipient address rejected: User unknown in relay recipient table"},

	// A message that carries something; a sender who is not local.
	{MTA: "", Meaning: ContentRejected, Pattern: re(`\b(?:contains?|infected|found|detected|with)\b[^.;]{0,20}\b(?:virus|malware|trojan)|\b(?:virus|malware|trojan) (?:was )?(?:found|detected)`),
		Example: "554 5.7.1 Message refused: virus found"},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`\b(?:only|no) (?:local|foreign|outside|external) senders?\b|\bsenders? (?:address(?:es)? |domain )?must be (?:an? )?local`),
		Example: "550 Only local senders"},

	// A recipient's domain without DNS or MX, said so plainly that no other word counts.
	{MTA: "Postfix", Meaning: RecipientDomainRejected, Pattern: re(`\bno (?:valid )?mx\b|null ?-?mx|nxdomain|(?:\bdomain|‹host›|‹addr›) has no (?:mail|dns|mx)`),
		Example: "556 5.1.10 <r@example.com>: Recipient address rejected: Domain example.com does not accept mail (nullMX)"},

	// Relaying, by name. The refusal and "relay" must belong together: see between and ofRelay.
	{MTA: "Postfix", Meaning: RelayDenied, Pattern: re(`relay access denied`),
		Example: "454 4.7.1 <r@example.com>: Relay access denied"},
	{MTA: "Sendmail", Meaning: RelayDenied, Pattern: re(relaying + between + refused),
		Example: "550 5.7.1 <r@example.com>... Relaying denied. Proper authentication required."},
	{MTA: "Exchange", Meaning: RelayDenied, Pattern: re(`\b(?:can not|unable to|refus(?:e|es|ed|ing) to|declin(?:e|es|ed|ing) to|will not|would not|may not|must not|never)(?: (?:be|act as an?|mail|open|it|this|for|accept|allow|perform))* relay(?:s|ed|ing)?\b`),
		Example: "550 5.7.1 Unable to relay for r@example.com"},
	{MTA: "Exim", Meaning: RelayDenied, Pattern: re(unwilling + ofRelay),
		Example: "550-client.example [192.0.2.7] is currently not permitted to\n550 relay through this server."},
	{MTA: "IceWarp", Meaning: RelayDenied, Pattern: re(`\b(?:do|does|is|are|am|will) not(?: (?:currently|be|an?|the|your|open|smtp|mail|ever|act as))* relay(?:s|ed|ing)?\b|no longer relays?\b|\bnot (?:(?:an?|your|the|any|my) |(?:open|public|free)[ -])+(?:(?:open|public|free|mail|e-?mail|smtp|general)[ -]?)*relay|\bnot relaying\b`),
		Example: "571 <r@example.com> prohibited. We do not relay"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`\bno (?:(?:open|free|third[- ]party|mail|e-?mail|unauthori[sz]ed|anonymous|smtp|more|such|external|outside|public) )*relaying\b|\bno (?:open |public |free |third[- ]party |mail |unauthori[sz]ed |anonymous |smtp )*relay(?:s|ing)?\b(?: (?:allowed|permitted|here|access|for|to|through|thru|via|by|unless|please|of|from|on|without|privileges?|rights?|permission)\b|[,.!;:)]| [\[(-]|$)`),
		Example: "550 no relaying to r@example.com from client.example [192.0.2.7]"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:unauthori[sz]ed|illegal|unpermitted|prohibited) (?:mail |smtp |open |third[- ]party )*relay|\b(?:den(?:y|ies|ied)|disallow(?:s|ed)?|prohibits?|forbids?|rejects?|disabled?) (?:mail |open |smtp |all |any |third[- ]party |unauthori[sz]ed )*relay(?:ing)?\b|denied (?:for|to) relay|\btrying to relay\b|\bforwarding (?:of (?:mail|messages) |mail |messages )?(?:to|for) [^.;]{0,40}` + refused + `|anti-?relay|closed relay|relay(?:ing)? (?:violation|attempt|restriction)|relay check (?:\w+ )?fail|\bnot (?:in|on|among|one of) [^.;]{0,40}\brelay`),
		Example: "553 <r@example.com>... unauthorized relay traffic prohibited"},
	{MTA: "qmail", Meaning: RelayDenied, Pattern: re(`\b(?:try|tried|trying|attempt\w*|us(?:e|ed|ing)) [^.]{0,40}\b(?:as an?|for) (?:open |mail |smtp )*relay`),
		Example: "553-you are trying to use me [mx.example.org] as a relay, but I have not\n553 been configured to let you [192.0.2.7, client.example] do this."},
	{MTA: "SmarterMail", Meaning: RelayDenied, Pattern: re(`(?:authenticat\w+|log ?in|credentials|authori[sz]\w+|permission|smtp auth)\b[^.;]{0,40} (?:for|to|before|when) (?:(?:you|can|may|be|allowed|permitted|to|attempting|trying|smtp|mail|messages?|e-?mail) )*relay(?:ing)?(?: (?:mail|e-?mail|messages?|through|here|to|from|via|for|is|on|by)\b| [^ a-z]|[^ a-z]|$)|relay(?:ing)?[^.;]{0,40} (?:requires|needs|without) (?:\w+ ){0,2}(?:authent|auth\b|log ?in|permission|authori)`),
		Example: "550 Authentication is required for relay"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`\bonly (?:to )?relays?(?:ing)? (?:mail )?(?:for|from|to)|\bonly (?:\w+ ){1,4}(?:may|can|are allowed to|are permitted to) (?:\w+ )?relay|relay(?:s|ing)? only (?:for|from|to|allowed|mail|after|with|by)|relay(?:ing)? is only|relay(?:ing)? (?:service )?(?:is )?(?:for|available to|limited to|reserved for|restricted to) `),
		Example: "550 5.7.1 This server only relays mail for its own customers"},
	{MTA: "Microsoft 365", Meaning: RelayDenied, Pattern: re(`tenantattribution`),
		Example: "550 5.7.64 TenantAttribution"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`relais[^.;]{0,40}refus|(?:relay\w*|relais|weiterleit\w+|retransmis\pL+|reencaminhamento|encaminhamento|reenv[ií]o|przekazywani\pL+|p[rř]ed[aá]v[aá]n\pL+|inoltro)[^.;]{0,40}(?:deshabilitad|desactivad|desativad|disabilitat|disattivat|deaktiviert|abgeschaltet|nicht (?:erlaubt|gestattet|zugelassen|m[oö]glich)|verweigert|abgelehnt|verboten|unzul[aä]ssig|refusé|interdit|non autoris|pas autoris|denegad|no (?:est[aá] )?(?:permitid|autorizad)|prohibid|negad[oa]|n[aã]o (?:[eé] )?(?:permitid|autorizad)|recusad|proibid|non (?:[eè] )?(?:consentit|permess|autorizzat|abilitat)|vietat|rifiutat|niet toegestaan|geweigerd|zabronion|niedozwolon|odmow|zak[aá]z|odm[ií]tnut|yasak|запрещ|отказ|не разреш|reddedildi|\bizin)|(?:keine?|pas de|no se permite(?: el| la)?|no se admite(?: el)?|n[aã]o (?:fazemos|permite|permitimos)(?: o)?|nessun|geen|brak|запрещ\w+|нет) (?:\w+ )?(?:rel(?:ay|ais|aying)|reenv[ií]o|reencaminhamento|retransmis\pL+|weiterleit\w+)|(?:\bno|não|\bnon|\bne) (?:hace|se hace|hacemos|permite|realiza|acepta|admite|faz|fazemos|aceita|aceitamos|fa|effettua|accetta|consente|relaie|relaye|fait)[^.;]{0,20}(?:\brela|reenv|retrans|encaminh|inoltr|\bpas\b)|domain[^.;]{0,40}(?:hier )?nicht (?:hier )?(?:verwaltet|bedient|angenommen|gehostet|zuständig|betreut|lokal)|nicht zuständig|für (?:diese|die|fremde) domains?[^.;]{0,30}(?:kein|nicht)`),
		Example: "550 5.7.1 <r@example.com>: Relaying nicht erlaubt"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:релей|пересылк|ретрансляц)[^.;]{0,40}(?:запрещ|отказ|не разреш|не допуск)|(?:запрещ|не разреш)[^.;]{0,30}(?:релей|пересылк|ретрансляц)|(?:中继|中繼|转发|轉發|轉寄)[^。;]{0,20}(?:拒绝|拒絕|禁止|不允许|不允許|被拒)|(?:拒绝|拒絕|禁止|不允许|不允許|不支持|无法|無法)[^。;]{0,12}(?:中继|中繼|转发|轉發)|(?:中継|リレー)[^。;]{0,20}(?:拒否|禁止|許可され|許可して|できません|認め)`),
		Example: "550 Пересылка почты запрещена"},

	// Relaying, without the word: this domain is not served here.
	{MTA: "hMailServer", Meaning: RelayDenied, Pattern: re(`delivery is not allowed to this address`),
		Example: "550 Delivery is not allowed to this address."},
	{MTA: "qmail", Meaning: RelayDenied, Pattern: re(`rcpt ?hosts`),
		Example: "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"},
	{MTA: "MailEnable", Meaning: RelayDenied, Pattern: re(`(?:authenticat\w+|auth\b|log ?in|logged in)[^.]{0,60}(?:(?:non-?local|remote|external|foreign|outside|other) (?:e-?mail )?(?:address|recipient|domain|user|mailbox|destination|host)|domains? outside)|(?:send\w*|deliver\w*|mail|messages?)(?: \w+){0,2} to (?:non-?local|remote|external|foreign|outside|other|internet)\b[^.]{0,60}(?:` + refused + `|requires?|must|only)|\b(?:non-?local|remote|external|foreign|outside) (?:sending|deliver\w+|mail|recipients?|address(?:es)?|domains?)(?: (?:is|are|was|were|can|may|must|will|be|strictly|currently|to ‹\w+›))*[ ,:;-]+(?:only|` + refused + `|requires?|needs?\b|without)`),
		Example: "503 This mail server requires authentication when attempting to send to a non-local e-mail address."},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`(?:sender|from|originating|envelope|your|sending)(?:'s)? (?:e-?mail |mail )?(?:address )?domain|domain of (?:the |your )?sender|\bsender ‹addr›|domain\b[^.]{0,30} not (?:allowed|permitted|authori[sz]ed) to (?:send|submit)|\bas sender\b|from[ -]header domain|header from domain|mail ?from (?:address )?domain`),
		Example: "550 sorry, your envelope sender domain must exist"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:unknown|no such|invalid|not an?|unrecogni[sz]ed) (?:\w+ )?domain\b[^.]{0,20} (?:here|at this (?:location|host|site|server|system)|on this (?:mail ?)?(?:server|host|system|machine)|locally)\b|domain\b[^.]{0,30} (?:unknown|not (?:found|known|exist|listed|registered|configured|defined|set up|handled|managed)|does not exist) (?:here|at this|on this|locally|as local)|(?:mail|messages?) (?:for|to) (?:‹addr›|‹host›|that domain|this domain) (?:will|can|may|must)? ?not be (?:forwarded|relayed|routed|passed on)`),
		Example: "550 No such domain at this location"},
	{MTA: "mox", Meaning: RelayDenied, Pattern: re(`\bnot (?:\w+ )?(?:handl\w*|accept\w*|receiv\w*|process\w*|tak(?:e|ing)\b|rout\w*|forward\w*|serv\w*|host\w*|deliver\w*|configured to (?:accept|receive|handle)|responsible|authoritative)(?: (?:any|inbound|incoming))?(?: (?:e-?)?(?:mails?|messages?))? (?:for|destined (?:for|to)|addressed to) (?:(?:that|this|the|your|these|any|other|recipient|destination|specified) )*(?:domains?|host|ip\b|‹host›|‹addr›|‹ip›|non-?local|remote|external|foreign)`),
		Example: "550 5.1.1 not accepting email for domain"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:mail|messages?) (?:for|to) (?:that |this |the )?(?:domain|‹host›)(?: ‹host›)? (?:is|are) not (?:accepted|handled|processed|delivered|allowed|taken|received|served)`),
		Example: "550 Mail for example.com is not accepted"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`non-?accepted domain|not (?:an? |one of the )?domains? (?:that )?(?:we|i|this (?:server|host|system)) |not (?:one|among those) (?:that )?we |neither [^.;]{0,40} (?:is|are) local|[:,] not local(?:$|[^ a-z]| [^a-z])|\bno domain of (?:ours|mine|this)|(?:can|may|must|could) not send (?:mail |e-?mail |messages )?to (?:‹host›|‹addr›|this domain|that domain)[^.;]{0,20} (?:through|via|from|using|with|by)\b|wrong (?:server|host|mx) for|(?:serves?|hosts?|handles?) no (?:such )?domain|delivery to (?:‹host›|‹addr›)[^.;]{0,20} not (?:allowed|permitted)[^.;]{0,30}(?:authent|log ?in)|(?:do|does) not (?:host|serve|handle|service) (?:(?:the|that|this|any) )?(?:domain|‹host›)|not (?:my|our) (?:mail |\w+'s )?domain|no service for (?:domain|that domain|‹host›)|foreign domain|no local domain|\bdomains?\b(?: ‹\w+›| name| part| (?:of|you|for|to|that) [a-z ]{2,20})?:?(?: (?:is|are|was))? not (?:an? |the |one of |currently |being |be |in |on |among |within |part of |a part of |my |our |the |this |list of )*(?:accepted|local\b|locally|hosted|served|taken|processed|system\b|machine\b|serviced|handled|allowed|permitted|supported|ours\b|known here|managed|authori[sz]ed|here\b|accept list|list\b|tables?\b|database\b|domains?\b|server\b|valid here|configured (?:here|on (?:this|our)|for this)|responsible|recipient)`),
		Example: "550 5.1.2 r@example.com... Domain is not hosted on this server"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`\bnot (?:an? |one of |the |our |my |your )*(?:accepted|local|locally hosted|hosted|allowed|authori[sz]ed|permitted|served)(?: (?:recipient|e-?mail|mail|local))? domains?\b|\bnot (?:an? |the |our |my |your )*(?:gateway|mx\b|mail ?exchanger|mail server (?:for|of)|final destination|mx (?:service|host|server))|\bnot local host|\bnot responsible for (?:that|this|the|‹)` + `|‹addr› (?:is |are )?not (?:in (?:an?|any|one of (?:our|my|the)) (?:hosted |local |served |accepted )?domains?\b|served\b|hosted\b|handled\b|taken\b)|‹host› (?:is |are )?not (?:in |part of |one of |among |within )*(?:(?:an?|the|my|our|this|any|list|of|local|accepted|served|known|hosted|mail) )*(?:domains?\b|served\b|hosted\b|handled\b|taken\b|in (?:this|our|my|the) (?:system|server)|local to )|\b(?:takes?|accepts?|handles?|receives?|process(?:es)?|serves?|relays?) no (?:(?:mail|e-?mail|messages?) )?(?:for|to) |\b(?:handles?|accepts?|takes?|serves?) (?:mail|e-?mail|messages) (?:for|of|to) [^.;]{1,40} only\b|\bonly (?:handles?|accepts?|takes?|serves?) (?:mail|e-?mail|messages) (?:for|of|to)\b`),
		Example: "550 not local host example.com, not a gateway"},
	{MTA: "Coremail", Meaning: RelayDenied, Pattern: re(`\blocal (?:users?|mail|recipients?|deliver\w*|domains?|address\w*|accounts?) only|\bonly (?:accept\w* |for |deliver\w* |send |allow\w* )?(?:mail |messages |e-?mail )?(?:for |to )?local(?:ly)?\b|must be (?:an? )?local|(?:recipient|user|destination|domain|‹addr›|‹host›)(?: (?:is|are))? not local\b|non-?local (?:recipient|user|address|domain|destination)|not (?:an? |in an? )?local (?:address|recipient|domain|destination)|not (?:an? )?local\b[^;]{0,60}(?:authenticat|log ?in|logged)|\bonly [^.;]{0,30}\b(?:our|local|hosted|own) domains?|(?:‹host›|‹addr›|\bdomain)(?: ‹host›)? (?:does|do) not belong to (?:us|this|our|here)|(?:‹host›|‹addr›|\bdomain)(?: ‹host›)? is (?:foreign|external|alien) to`),
		Example: "553 Requested action not taken: Local user only"},

	// A connection that is not secure is no fault of our address.
	{MTA: "", Meaning: TLSRequired, Pattern: re(secureLink + `|\b(?:plain|clear)[ -]?text (?:smtp|submission|` + link + `)`),
		Example: "550 5.7.10 The session is not encrypted"},

	// Our address, without the word for it, and with no word on relaying.
	{MTA: "", Meaning: ClientBlocked, Pattern: re(ourAddress + `[^.;]{0,60}` + unwelcome + `|\byour address ‹ip›|\bip (?:address )?(?:‹ip› )?(?:is |was |does |has |could |can )*(?:unknown|invalid|not (?:be |been )*(?:found|known|valid|registered|recogni[sz]ed|have)\b)|\b(?:your|sending|remote|connecting) (?:mail ?)?(?:host|server|mta|system|network|machine|provider|isp)\b[^.;]{0,50}` + unwelcome + `|(?:refused|rejected|denied|blocked|banned)[ :-]+(?:from |for |to )?‹ip›|` + unwelcome + `[a-z]*(?: \w+){0,4} (?:your|this|from|for|by)(?: your| this| the)?(?: sending| sender| source| client)? ip\b|(?:mail|e-?mail|messages?|connections?|access|hosts?|traffic)(?: \w+)? (?:from|for|by) (?:your (?:ip|host|server|network|address|country)|this (?:ip|host|server)|that country|‹ip›|hosts? with)[^.;]{0,60}` + unwelcome),
		Example: "554 IP is rejected"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`not allow (?:mail from )?your (?:ip|host|server|address)\b|(?:not|do not|will not) (?:be |currently )*accept(?:ed|ing|s)? (?:mail|e-?mail|messages|connections?)(?: \w+){0,2} (?:from|by) (?:(?:your|this|that) (?:ip|host|server|network|client|location|country|system|machine)|hosts?|ip|servers?|‹ip›|dynamic|you\b)|connections? (?:not accepted|will not be accepted|(?:is |was )?(?:refused|rejected|denied)(?: \w+){0,3} (?:from|for|by))|not allowed to (?:connect|send (?:us )?mail|send from that)|(?:you|your \w+) (?:are|is|have been|has been) (?:banned|blocked|listed|not allowed to connect)|no access from mail server|server access ‹ip› forbidden|host network,? not allowed|‹ip› (?:is )?not authori[sz]ed|problem occurred|permission to connect|open[ -](?:mail |smtp )?relays?\b.*(?:‹url›|\bsee\b|\bvisit\b)|(?:\byou|‹ip›|\btested)[^.;]{0,40}\bopen[ -]relay|your (?:host|server|machine|system) relays\b|\bcountry (?:is )?(?:block|bann)|no (?:connections?|mail|e-?mail|access|traffic) from (?:your|this|that) |‹ip› (?:may|can|must|shall) not |not talk to ‹ip›|(?:cable|dsl|broadband) (?:customers|users|lines|modem)|^5\d\d (?:sorry,? |error: |‹\w+› )?connection (?:denied|refused|rejected)(?:[^a-z]|$)|(?:votre|ihre?|su|seu|il tuo|il vostro|ваш) (?:ip|server|serveur|servidor|сервер|rechner|host)\b?[^.;]{0,40}(?:gesperrt|abgelehnt|blockiert|bloqu|refus|liste noire|lista negra|rechaz|rejeitad|blacklist|заблок|запрещ|спис)|rejected based on geo|geographical|(?:remote|client) ip check|smtpport check|\bfrom (?:your|that) country|(?:adresse ip|ip-adresse|direcci[oó]n ip|endere[cç]o ip|indirizzo ip|ip-адрес|ваш ip)[^.;]{0,60}(?:refus|bloqu|block|gesperrt|abgelehnt|verweigert|rechaz|rejeitad|rifiutat|заблок|запрещ|отклон)|(?:您的|你的|该|此)ip[^。;]{0,20}(?:拒|封|禁|黑)|\bip ?(?:地址|位址)?[^。;]{0,10}(?:被拒|拒绝|被封|封锁|被禁)`),
		Example: "554 5.7.1 You are not allowed to connect."},

	// Encryption first (RFC 3207 4), login first (RFC 4954 6), each demanded alone.
	{MTA: "", Meaning: Temporary, Pattern: re(`(?:tls|ssl|starttls)(?: is)?(?: currently| temporarily)? (?:not (?:available|supported|offered|enabled)|unavailable|disabled)|tls (?:handshake|negotiation|session|connection)?[^.]{0,20}fail|temporary authentication failure|temporar\w+ (?:auth|problem|system|dns)|dns temporary fail|can not authenticate due to`),
		Example: "454 4.7.0 TLS not available due to local problem"},
	{MTA: "", Meaning: TLSRequired, Pattern: re(`(?:(?:must|need\w*|demand\w*|expect\w*|please|require[sd]?|requires|required|only|first|without|use|using|issue|start|mandatory|unencrypted|over|insist\w*|not)\b[^.;]{0,50}\b(?:starttls|tls|ssl|encrypt\w*|ciphers?)\b|\b(?:starttls|tls|ssl|encrypt\w*)\b[^.;]{0,50}\b(?:must|need\w*|require[sd]?|required|first|before|mandatory|only|erforderlich|requis|obligat\w+)|start ?tls first|unencrypted|encryption (?:is )?too weak)|^53[08] .*\b(?:start)?tls\b|(?:lack of|insufficient|no) (?:transport |connection |channel )?security\b|(?:transport|channel|session) security|(?:verschl(?:ü|ue)ssel\pL+|chiffrement|cifrado|criptografia|crittografia|шифрован\pL+)[^.;]{0,30}(?:erforderlich|n[oö]tig|notwendig|requis|obligat|requerid|exigid|necess|richiest|требуется|необходимо)|(?:требуется|необходимо) шифрован|(?:需要|必须|要求)[^。;]{0,6}加密|加密[^。;]{0,6}(?:需要|必须)|暗号化[^。;]{0,6}(?:必要|必須)`),
		Example: "530 5.7.0 Must issue a STARTTLS command first"},
	{MTA: "spamdyke", Meaning: SenderRejected, Pattern: re(`\bsender claims\b|\bsending (?:e-?mail )?address(?:es)? (?:is |was |has been |can )?(?:not|block|reject|refus|deni)|\b(?:sender|(?:sender|from|envelope|return[- ]path)(?: e-?mail)? address) (?:does|do|must|should|has to|is)(?: not)? match|mail ?from (?:account|address|user) (?:does |is )?not (?:conform|match|equal)|your e-?mail address(?: \S+)? (?:has been|is|was) (?:blocked|banned|refused|rejected)`),
		Example: "554 Refused. Your sender address does not match your authentication username."},
	{MTA: "", Meaning: SenderRejected, Stages: []Stage{Mail}, Pattern: re(login + `[^.;]{0,60}(?:\bsenders?\b|from address|‹addr›|\b(?:as|from|for|with) (?:(?:this|that|your|the|our|an?|any|such|local|own|these|those) )+(?:address|domain|e-?mail|mailbox|identity)|\bas (?:an? |the )?(?:local|our|another|that) user|\bas (?:the )?owner|\buse (?:this|that|an?|the) (?:sender|address|domain|from)|\b(?:as|from|for) ‹host›)|(?:(?:\bsenders?\b|\bfrom[ -]address|\blocal (?:address|domain)|\busers? (?:of|from|in) (?:this|that|the|our) domain)[^.;:]{0,60}|‹addr›[^;]{0,60})` + login),
		Example: "550 You must authenticate to send as s@example.org"},
	{MTA: "", Meaning: AuthRequired, Pattern: re(`(?:must|need\w*|please|require[sd]?|requires|required|first|not|before|only|turn on|should|have to|fail\w*|without|invalid)\b[^.;]{0,60}\b(?:authenticat\w*|(?:smtp )?auth\b|log ?in\b|log ?on\b|logged in|sign in|credentials)|\b(?:authenticat\w*|authentification|(?:smtp )?auth\b|log ?in\b|credentials)\b[^.;]{0,60}\b(?:must|need\w*|require[sd]?|required|first|mandatory|before|requise?|fail\w*|invalid|not|error|rejected|disabled|missing|wrong|incorrect|unsuccessful|yourself|obligat\w+|erforderlich|n[oö]tig|n[eé]cess\pL+)`),
		Example: "530 5.7.0 Authentication required"},
	{MTA: "", Meaning: AuthRequired, Pattern: re(`(?:incorrect|wrong|bad) authenticat\w+|authenticated (?:users|clients|senders|connections) only|(?:only|restricted|limited|reserved) (?:for |to )?authenticated|authori[sz]ation (?:is )?(?:required|needed)|^53[05] .*\b(?:auth|log ?in)\b|with a log ?in|\b(?:authentifi|autentic|autentif|uwierzytel)\pL+|登录|登錄|anonymous (?:access|mail|users?|senders?|submission|smtp)|unauthenticated (?:senders?|users?|clients?|access|session|connection)|pop3? before smtp|(?:check|receive|read|get|fetch|retrieve|collect) (?:your |for )?(?:new )?mail[^.]{0,20} (?:first|before)|authentif\w+ requise|autentica\pL+ (?:es |[eèé] )?(?:requerid|richiest|necess|obrigat|exigid)|requ?ie?re autentica\pL+|necess\pL+ (?:a |la )?autentica|(?:bitte|zuerst|erst|müssen) [^.;]{0,20}(?:einloggen|anmelden)|(?:anmeldung|authentisierung|login) erforderlich|authentifizierung|аутентификац|авториз|验证|驗證|認証|^\d{3} (?:please )?log ?(?:in|on)[^a-z]*$|username and password|please log|(?:auth|log ?in|authenticate),? please|authentication mechanism|ログイン`),
		Example: "553 5.7.1 Anonymous access not allowed, please register"},

	// The sender, in other words than Postfix's.
	{MTA: "Sendmail", Meaning: SenderRejected, Pattern: re(`domain of (?:your )?sender|not accept\w* (?:mail|e-?mail|messages) from ‹addr›|(?:mail|e-?mail|messages?) from ‹addr› (?:is |was |has been )?(?:refused|rejected|denied|blocked|not )|‹addr› (?:may|can|must|is|does) not (?:post|send|allowed to (?:post|send)|belong)|(?:may|can|must|will) not send (?:mail |e-?mail )?(?:as|from) ‹addr›|e-?mail address is not verified|identities failed|(?:route|deliver) to sender|bogus (?:sender|mail)|send from (?:this|that|your|the) (?:e-?mail )?(?:address|domain|sender|account)|could not complete sender|permissions? to send as|send on behalf|(?:not )accept\w* (?:mail|e-?mail|messages) from (?:this|that|your|the) (?:sender|address|domain|user)|not (?:allowed|authori[sz]ed|permitted|entitled) to use (?:\w+ )?(?:\w+ )?(?:from|sender|‹addr›|e-?mail|address)|not authori[sz]ed (?:for|as|to be) (?:this|that|the) (?:sender|from|address)|use your own [^.;]{0,30}(?:mail ?from|\bfrom\b|sender)|domain name required for sender|(?:required|missing) for sender`),
		Example: "553 5.5.4 <s@localhost>... Real domain name required for sender address"},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`\b(?:sender|senders|envelope[- ](?:from|sender)|mail ?from|from[: ]+address|from: ?|return[- ]path|originator|emetteur|[eé]metteur|exp[eé]diteur|absender\w*|remitente|remetente|mittente)\b[^.;]{0,70}(?:reject|denied|deny|refus|invalid|unknown|not |verif|unvalidated|unauthor|black|bad\b|illegal|malformed|must|block|forbid|prohibit|syntax|mismatch|unroutable|unrouteable|disallow|resolve|no such|empty|does|nicht|invalide|inv[aá]lid|no existe|non |rechaz|rejeit|recusad|bloquead|bloccat|bloqu[eé]|rifiut|no v[aá]lid|no permitid|no autoriz|inconnu|inexistant|interdit|sconosciut|inesistent|desconocid|desconhecid|unbekannt|abgelehnt|gesperrt|ung[uü]ltig)|(?:неверн|недопустим|неизвестн|запрещ[её]нн)\pL* (?:адрес )?отправител|(?:отправител|адрес отправ)\pL*[^.;]{0,40}(?:запрещ|не |неизвест|неверн|отклон|заблок|отверг)|(?:发件人|發件人|寄件人|寄件者|送信者)[^。;]{0,20}(?:不|拒|无效|無效|错误|錯誤|禁止)`),
		Example: "554 5.1.0 Sender Denied"},
	{MTA: "qmail", Meaning: SenderRejected, Pattern: re(`\b(?:invalid|bad|unknown|illegal|unverified|unauthori[sz]ed|blocked|reject\w*|denies|deny|refus\w*|verify|no such|unroutable|unacceptable|ungültiger) (?:the |your |this |envelope )*(?:sender|mail ?from|return[- ]path|from address|absender)|bad ?mail ?from|badsender|null sender|not (?:a )?local sender|empty (?:envelope )?sender|\bbounces? (?:messages? )?(?:are |is )?(?:not (?:accepted|allowed|wanted)|refused|rejected|denied)|use submission|verify mailfrom`),
		Example: "553 Denied domain in null sender"},
	{MTA: "", Meaning: SenderRejected, Stages: []Stage{Mail}, Pattern: re(`^\d{3} (?:sorry,? |error: |‹host› )?‹addr›\W{0,4}(?:is |was |has been )?(?:refused|rejected|denied|blocked|banned|not (?:accepted|allowed|permitted|welcome|valid))|domain ‹host› (?:is |was |has been )?(?:refused|rejected|denied|blocked|banned|black-?listed|not (?:accepted|allowed|permitted|welcome|valid))|(?:mail|e-?mail|messages?) from (?:‹host›|‹addr›)[^.;]{0,40}` + refused + `|not (?:accept|allow|want|take)\w* (?:any )?(?:mail|e-?mail|messages?)? ?from ‹host›|malformed|domain literal|must contain a domain|domain (?:name )?(?:required|missing|must)|fully[- ]qualified|(?:invalid|bad|illegal|incorrect|wrong|unacceptable) (?:\w+ )?(?:e-?mail|address|mailbox|domain|path)|unqualified|address [^.]{0,20}(?:format|invalid|illegal)|no such|does not exist|not exist|denied domain`),
		Example: "501 <s@[192.0.2.7]>: domain literals not allowed"},

	// The recipient's domain has nowhere to take mail (RFC 7505, RFC 5321 5.1).
	{MTA: "Sendmail", Meaning: RecipientDomainRejected, Pattern: re(`does not accept (?:any )?mail \(|malformed dns|\bmx in |\bmx or |indicated no smtp|bad destination (?:system|host|domain)|reserved by rfc|\b(?:host|domain)(?: ‹host›)? does not accept (?:any )?(?:e-?)?mail(?:$|[^ a-z]| [^ a-z])|(?:no|find an?|find any|have an?) (?:valid )?(?:mx|mail exchanger)|\bmx (?:records?|list|host)|no mail hosts?|check mx|unable to route|no (?:a|dns|mx or a)[ -](?:record|data|entry)|name ?server:|name service error`),
		Example: "451 4.4.3 Can not check MX records for recipient host example.com"},
	{MTA: "", Meaning: RecipientDomainRejected, Pattern: re(`(?:domain|zieldom[aä]ne)\pL*[^.;]{0,30}(?:existiert nicht|unbekannt|nicht gefunden|nicht erreichbar|ung[uü]ltig|inexistant|inconnu|introuvable|n'existe pas)|dom[ií]nio[^.;]{0,30}(?:no existe|inexistente|desconocido|desconhecido|no encontrado|n[aã]o existe|n[aã]o encontrado|inesistente|non esiste|non trovato|sconosciuto|inv[aá]lido)|домен\pL*[^.;]{0,30}(?:не существует|не найден|неизвест)|域名[^。;]{0,10}(?:不存在|无效|無效|无法|找不到)|ドメイン[^。;]{0,10}(?:存在しません|見つかり)`),
		Example: "550 Die Empfängerdomain existiert nicht"},
	{MTA: "", Meaning: RecipientDomainRejected, Pattern: re(`\bhost (?:name )?(?:‹\w+› )?(?:is )?(?:unknown|not found)|(?:unknown|no such) host|host or domain name not found|\bdomain(?: name| part| of (?:the )?recipient)?(?: ‹\w+›)?(?: (?:is|was|does|has|could|can))? (?:not (?:be )?(?:found|exist|known|valid|resolv\w*|reachable|routable)|unknown|must (?:exist|resolve|be valid)|invalid|non-?exist\w*|no (?:mx|dns|a ))|(?:invalid|unknown|no such|non-?exist\w+|bad|unresolvable|unrout\w+|illegal) (?:\w+ )?domain|(?:host|domain) part[^.;]{0,30}(?:unknown|invalid|not )|mail domain[^.]{0,40}unknown|resolve[^.]{0,40} domain|dominio non valido|domain (?:takes|accepts|receives) no (?:e-?)?mail|\bmx (?:lookup|resolution|query)[^.;]{0,30}fail|name ?servers? (?:for|of) ‹host›|host[^.;]{0,40} not (?:be )?found in (?:the )?dns|domain (?:name )?(?:lookup|resolution) (?:has )?fail|host lookup did not|dns lookup (?:of|for) ‹host›|\bmx\b[^.;]{0,40}(?:points? to|private|loopback|localhost)|dns (?:query|lookup|resolv\w+)? ?(?:error|fail)`),
		Example: "450 4.1.2 <r@example.invalid>: Recipient address rejected: Domain not found"},

	// The form of an address or command, before the mailbox it might be taken for.
	{MTA: "Postfix", Meaning: Syntax, Pattern: re(`fully[- ]qualified|bad (?:recipient |e-?mail )?address syntax|address syntax|must contain a domain|malformed (?:recipient |e-?mail )?(?:address|path)|malformed (?:rcpt|mail|command|recipient)|may not follow|restricted characters|invalid route|route address|domain literals? (?:are )?not|domain (?:name )?required|improper (?:recipient )?address|supplying a domain|invalid rcpt|not a valid rfc|uucp|bang path|percent hack|source rout|unbalanced|colon expected|missing (?:or malformed )?(?:local part|domain)|local part (?:is )?missing|without (?:an? )?domain|must specify a domain|address (?:has|is in) (?:an )?(?:invalid|wrong|illegal|bad) format|no recipients? specified|at least one (?:valid )?recipient|illegal characters?|invalid characters?|(?:mailbox|address) syntax|missing (?:the )?(?:recipient|argument|parameter|closing|angle|bracket)|(?:recipient|argument|parameter)s?(?: address)? (?:is |are )?missing|\bangle\b|\bbrackets?\b|bare address|percent sign|% ?sign|"%"|quoted (?:local|address|string|mailbox)|parse error|invalid (?:\w+ )?format|unexpected (?:end|token|char|argument|command|input)|reihenfolge|^50[0-4] (?:[^ ]+ )?(?:‹\w+›:? )?(?:bad|invalid|illegal) (?:recipient |e-?mail |destination )?(?:address|mailbox)`),
		Example: "504 5.5.2 <r>: Recipient address rejected: need fully-qualified address"},
	{MTA: "Exim", Meaning: Syntax, Pattern: re(`domain missing or malformed|\bexpected after\b`),
		Example: "501 <r@example.com.>: domain missing or malformed"},
	{MTA: "qpsmtpd", Meaning: Syntax, Pattern: re(`could not parse (?:recipient|sender|your)\b`),
		Example: "501 could not parse recipient"},
	{MTA: "", Meaning: Syntax, Pattern: re(`syntax|bad sequence|sequence (?:error|of commands)|out of (?:sequence|order)|(?:command|verb|argument|parameter|option)s?(?: is| was| or \w+)? (?:unrecogni[sz]ed|not (?:recogni[sz]ed|implemented|supported|understood|known)|unknown|unimplemented|error)|(?:unrecogni[sz]ed|unknown|unimplemented|invalid|unsupported|bad) (?:smtp )?(?:command|verb|argument|parameter|option)|^50[0-4] .*not implemented|pipelin|synchroni[sz]ation|protocol (?:error|violation|synch)|early talk|before (?:the |my |our )?(?:smtp )?(?:greeting|banner)|pre-?greet|break rules|(?:need|want|issue|give|say) (?:a |an )?(?:valid )?(?:mail|rcpt|recipient|data)\b|send (?:mail from|rcpt|data)\b|(?:mail|rcpt|recipient|from)(?: \w+)? (?:first|command must precede)|must precede|\b(?:rcpt(?: to)?|mail(?: from)?|data) (?:without|before) (?:mail|rcpt|a |any |recip)|already (?:got|have|in) (?:a )?(?:mail|sender|transaction)|line too long|stray newline|bare (?:lf|cr|newline|linefeed)|issue a reset|(?:smtp|following the) protocol|(?:not|do not) support this (?:operation|command)|all rcpt commands were rejected|no valid (?:recipients|rcpts?)\b|no valid recipient$|nested mail|sender already|already specified`),
		Example: "503 5.5.1 Error: need RCPT command"},

	// A policy after a mailbox said to be unavailable: the policy decides.
	{MTA: "GMX", Meaning: RefusedOther, Pattern: re(`mailbox unavailable\.? (?:reject )?due to policy|mailbox unavailable\.? (?:for explanation|refused by)|mail system full|system (?:is )?full|\byou (?:are|have|were) violat`),
		Example: "550-Requested action not taken: mailbox unavailable\n550 Reject due to policy restrictions."},

	// What is unavailable for now is no mailbox that is not there (RFC 5321 4.2.3: 450 "mailbox unavailable" is one
	// busy or blocked for policy reasons, 550 one not found).
	{MTA: "Mimecast", Meaning: Temporary, Pattern: re(`^4\d\d .*(?:\btemporar\w+ (?:unavailable|not available|locked|blocked|busy)\b|\b(?:database|directory|ldap|backend|table)\b[^.;]{0,20}(?:unavailable|not available|down\b|unreachable|error|fail)|not (?:be |been )?verified yet|not yet (?:be |been )?verified|\bat (?:this|the) (?:time|moment)\b|(?:unable to|can not|could not|failed to|not able to|impossible to) (?:be )?(?:validate|verif|check|confirm|look|determine|resolve)|\b(?:lookup|verification|validation|verify|check)\b[^.;]{0,30}(?:fail|error|temporar|unavailable|not available|unreachable|down\b|time|defer|progress|pending))`),
		Example: "451 Recipient temporarily unavailable"},

	// No such mailbox, or one that takes no mail (RFC 3463 3.2, 3.3).
	{MTA: "Postfix", Meaning: RecipientUnknown, Pattern: re(`user ` + unknown + `|` + unknown + ` (?:or (?:illegal|invalid) )?(?:virtual |local |destination )?` + mailbox + `|unknown/invalid`),
		Example: "550 5.1.1 <u@example.org>... User unknown"},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`\bno (?:such|valid|known|existing|active) (?:\w+ )?` + mailbox + `|no such (?:id|name|one)\b|no have (?:this|such) (?:user|mailbox|account)|not found (?:the |this |such )?(?:user|mailbox|account|recipient)|no (?:mail ?box|account|user|one|person)(?: \w+)? (?:here|by|with|of|for|called|named|at|found|available)|there is no one|\bno (?:local |e-?mail |mail )?(?:user|mail ?box|account)\b|\b(?:nobody|no one|noone) (?:here|by|with|of|named|called|at|there)\b|never heard of|not found in (?:the |our )?(?:ldap|directory|address ?book|database|user)|rejected: (?:does|do) not exist|\bwe do not know \w|(?:mail|messages?) (?:for|to) \S+ (?:is|are) no longer|^551 .*\b(?:try|use|write to|moved)[^.;]{0,20}‹addr›|does not work (?:here|at|for|with)|not one of (?:our|my|the) (?:\w+ )?(?:users|customers|mailboxes|recipients|accounts)|(?:do|does) not have (?:an? |any )(?:\w+ )?(?:user|mailbox|account|person|recipient)\b|not (?:in|on) (?:our|my|the|this) (?:\w+ )?(?:directory|address ?book|user list|database)|\b(?:user|account|employee|person)(?: \S+)? (?:has |is )?(?:retired|deceased)|查无此|查無此|left (?:the|our) (?:company|organi[sz]ation|firm|school|university|institute)`),
		Example: "550 sorry, no mailbox here by that name. (#5.1.1 - chkuser)"},
	{MTA: "OpenSMTPD", Meaning: RecipientUnknown, Pattern: re(`(?:invalid|illegal|non-?exist[ae]nt|wrong|bad|inactive|incorrect|deactivated|disabled|suspended|expired|unused)(?:[/ ]\w+)? (?:destination |e-?mail |mail |local )?` + mailbox + `|archived (?:recipient|mailbox)|bad destination`),
		Example: "550 Invalid recipient: <u@example.org>"},
	{MTA: "Gmail", Meaning: RecipientUnknown, Pattern: re(`\b` + mailbox + `s?\b[^.;:]{0,70}\b` + gone + `|rejected: (?:temporarily )?(?:inactive|disabled|closed|suspended)`),
		Example: "550 5.2.1 The email account that you tried to reach is disabled. a1.1 - gsmtp"},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`‹addr›\W{0,4}(?:is |was |does |has |are )?(?:now |currently |been |already )*(?:not (?:found|used|exist|known|a (?:known|valid)|an? (?:active|subscriber|member|user)|here|with us|in (?:this|our|the) domain|recogni[sz]ed|valid|available)|unknown|no longer|disabled|deleted|removed|terminated|inactive|deactivated|suspended|closed|retired|gone\b|left\b|an? (?:deactivated|disabled|unknown|invalid))|\baccount (?:is )?not allowed|\b(?:user|rcpt|recipient) (?:‹addr› )?not ok|not have an? (?:\S+ )?account|not an? (?:valid |known |active |existing |recogni[sz]ed |current |local )?(?:\w+ )?(?:user|mailbox|recipient|account|address)|can not accept user|not our customer|not my user|not listed in|mail for (?:that|this|the) (?:user|mailbox|recipient|account)\b|not in (?:my|our|the) (?:list of )?(?:allowed |valid )?(?:recipients?|rcpt|users?)|(?:unable to|can not|could not|failed to|do not|does not|did not) (?:validate|verify|find|locate|resolve|know|recogni[sz]e) (?:(?:the|your|this|that|any|an?|such|alias|local|e-?mail|mail|destination) )*(?:recipient|user|address|mailbox|account|person|alias)|` + mailbox + ` lookup[^.]{0,30}fail|recipnotfound|recipientnotfound|badrcptto|validrcptto|recipient verif\w+ fail|mail receiving disabled|account (?:is )?(?:in)?activ`),
		Example: "550 5.1.1 Not our Customer"},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(foreignUser + `[^.;]{0,40}` + foreignGone + `|` + foreignGone + ` ` + foreignUser + `|non esiste|no existe|n[aã]o existe|nie istnieje|ya no hay nadie|nie ma takiego|нет такого|такого (?:пользователя|адреса|ящика|получателя) нет|(?:用户|用戶|收件人|帐号|账号|邮箱|信箱|使用者)[^。;]{0,12}(?:不存在|未找到|无效|不正确|已满|被禁|停用)|(?:没有|沒有|找不到|查无|查無|无此|無此|不存在)(?:该|該|此|这个|這個|的)?(?:人|用户|用戶|收件人|帐号|账号|邮箱|信箱|使用者)|(?:ユーザー?|宛先|受信者|メールボックス)[^。;]{0,12}(?:不明|存在しません|見つかり|一杯)`),
		Example: "550 5.1.1 <u@libero.it> Questo indirizzo non esiste"},

	// The message and what it carries.
	{MTA: "", Meaning: ContentRejected, Pattern: re(`spam|mass mail|\bvirus|malware|phish|\bjunk|\bbulk\b|unsolicited|\bube\b|\buce\b|\bcontent\b|attachment|\bheaders?\b|\bmime\b|rfc ?-?2?822|rfc ?5322|\bscored?\b|messagescoring|infected|executable|\bno (?:valid )?(?:message-id|date|subject)\b|邮件内容|信件内容|郵件內容|gtube|eicar|(?:message|mail|e-?mail|accepted)[^.]{0,60}policy reasons|message policy|banned (?:word|file|content)|dt:(?:spm|md)|(?:message|mail|e-?mail) (?:text|subject)|pourriel|垃圾|迷惑メール|спам`),
		Example: "554 5.7.1 Message rejected due to suspected spam content"},
	{MTA: "", Meaning: ContentRejected, Pattern: re(`\b(?:message|mail|e-?mail)(?: \S+){0,2} (?:(?:was|has been|is|can not be|not) )*(?:rejected|refused|denied|blocked|accepted|filtered|reject\b|quarantined)|mail rejet|high probability`),
		Example: "571 Message Refused"},
	{MTA: "", Meaning: ContentRejected, Pattern: re(`\b(?:over|above|than|exceed\w*|limit\w*|max\w*)[^.;]{0,20}\b\d+ ?(?:[kmg]i?b|bytes)\b`),
		Example: "552 5.2.3 Nothing over 10 MB is taken here"},

	// Something of ours, where nothing else was named.
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`\bfrom your (?:ip|network|host|address|server|location|provider|isp|country)\b|\byour (?:relay|server|host|ip|network|mta|isp)(?:'s)? [^.;]{0,30}(?:block|refus|denied|reject|bann|listed)`),
		Example: "553 Your relay's IP address has been blocked"},
}
