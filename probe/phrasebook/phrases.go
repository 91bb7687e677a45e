package phrasebook

// Words that many patterns share. Patterns see the text as plain makes it: lower case, "not" spelt out,
// names replaced by marks.
const (
	// A refusal after its object.
	refused = `(?:denied|disallowed|refused|rejected|prohibited|forbidden|disabled|blocked|restricted|unauthori[sz]ed` +
		`|not (?:yet )?(?:currently |been |be |an? |explicitly )*(?:allowed|permitted|authori[sz]ed|accepted|enabled|supported|possible|provided|granted|acceptable|allow|configured))`

	// "relay", and what may stand between it and its refusal: nothing that makes another thing the object.
	relaying = `\brelay(?:s|ing|age)?\b`
	between  = `(?:[ ,:;()"'*=-]+(?:access|attempts?|requests?|operations?|permission|privileges?|functions?|is|are|was|were|has|have|been|will|be` +
		`|currently|strictly|temporarily|permanently|generally|here|only|also|mail|e-?mails?|messages?|this|‹addr›` +
		`|(?:through|on|via|from|by|to|for|at|thru|in|of|as)(?: ‹(?:host|ip)›)*` +
		`|(?:this|that|the|our|my|your|any|an?|these|those|other|non-?local|external|remote|outside|foreign|unauthori[sz]ed|unauthenticated|smtp)` +
		`(?: (?:server|host|system|machine|mta|site|mail|domains?|recipients?|address(?:es)?|users?|clients?|hosts?|networks?|ip|destinations?|sites?|service))*` +
		`|domains?|recipients?|addresses|users?|hosts|networks|destinations?|sites|you|us|internet|me))*[ ,:;()"'*=-]+`

	// A denial before "relay", and what may stand between.
	unwilling = `\bnot (?:currently |be |been |explicitly |yet )*(?:allow(?:ed|ing)?|permit(?:ted|ting)?|authori[sz]ed?|configured|able|willing|set ?up|enabled` +
		`|licensed|trusted|accept(?:s|ed|ing)?|support(?:s|ed|ing)?|do|provide|offer|perform|act|serve|eligible|in (?:the|our) list|have (?:permission|access|the right))`
	ofRelay = `(?: ‹(?:addr|host|ip)›| (?:to|for|you|us|any|open|be|act|as|an?|the|this|that|mail|e-?mails?|messages?|smtp|third[- ]party|unauthori[sz]ed` +
		`|unauthenticated|anonymous|external|outside|access|users?|clients?|hosts?|it|send|sending|and|or|use|using|its|our|my|your|ip|address(?:es)?))* relay(?:s|ed|ing|age)?\b`

	mailbox = `(?:e-?mail ?box|mail ?box|inbox|maildir|mail ?folder|e-?mail account|account|user(?:id|name)?|recipients?|addressee|address|alias|local[- ]part|person|mail ?address|customer|member|mail ?drop|e-?mail)`
	gone    = `(?:unknown|unavailable|inactive|disabled|suspended|closed|expired|deactivated|locked|frozen|terminated|archived|discontinued|deleted|removed|moved|invalid|non-?existent|missing|restricted` +
		`|not (?:be |been |being |a |an |currently |yet |or )*(?:found|exists?|existing|known|valid|active|activated|available|recogni[sz]ed|listed|registered|used|ok|present|here|have|accepting|enabled|local|verified|receiv\w+|receive mail|be verified|accessed|take mail)` +
		`|(?:was|were|is|be) not found|can not receive|unable to receive|no longer|due to inactivity|does no exist|has been (?:replaced|disabled|closed|moved|deactivated|suspended))`
	full = `(?:full\b|over ?-?quota|over (?:its |their |his |the )?(?:disk |storage |mail ?box |allowed )*quota|quota|exceed|out of (?:storage|space|quota)|too (?:large|many messages)|no space)`

	ourAddress = `(?:(?:your|this|the|sending|sender|client|source|connecting|connection|remote|originating|access|bad|black|spam)(?: (?:mail|server|smtp|host|sending|source|client|sender|machine|network|system))*(?:'s)? ip\b|\bip[ :=]*(?:address )?‹ip›|\bip (?:address )?is\b|^\d{3} ip\b|‹ip›)`
	unwelcome  = `(?:block|bann|black|reject|refus|den(?:y|ied)|not (?:be |been |currently |yet )*(?:allowed|accepted|permitted|authori[sz]|welcome|trusted|white|sent|in white)|spam|bad\b|forbid|restrict|suspicious|abus|listed|deferred|problem|prohibit|disallow|untrusted|filtered|hang ?up)`
)

// Phrases are the wordings known, tried in order. The order is the rule that the object refused decides:
// a server that names our address, our HELO or our sender has not come to the relay question, even where
// it says "relay" (Sendmail: "Relaying denied. IP name lookup failed"). Within a meaning, specific before
// general.
var Phrases = []Phrase{
	// Greylisting, only where it is called so.
	{MTA: "", Meaning: Greylisted, Pattern: re(`gr[ea]y[ _-]?(?:list|hold|trap|delay)|‹grey›|graue liste|liste? gris|lista (?:gris|cinza)|grigia|серый список|серого списка|грейлист|灰名单|灰名單|グレイリスト`),
		Example: "451 4.7.1 Greylisting in action, please come back in 00:05:00"},

	// Whatever follows these words of Postfix, the sender, the HELO or the client is the object.
	{MTA: "Postfix", Meaning: SenderRejected, Pattern: re(`sender address rejected|sender verif\w* (?:fail|error)|verification failed for ‹addr›|sender (?:address|domain) ‹?\S* ?blocked using`),
		Example: "550 5.7.1 <s@example.net>: Sender address rejected: not logged in"},
	{MTA: "Postfix", Meaning: HeloRejected, Pattern: re(`helo command rejected|\b(?:helo|ehlo) (?:domain|name|host ?name) is (?:black-?)?listed|\bbad helo\b`),
		Example: "450 4.7.1 <foo>: Helo command rejected: Host not found"},
	{MTA: "Postfix", Meaning: RateLimited, Pattern: re(`client host rejected: [^.]{0,40}(?:slow|too many|too fast|rate|limit)`),
		Example: "451 4.7.1 <unknown[192.0.2.7]>: Client host rejected: Please try again slower"},
	{MTA: "Postfix", Meaning: Syntax, Pattern: re(`command pipelining`),
		Example: "503 5.5.0 <unknown[192.0.2.7]>: Client host rejected: Improper use of SMTP command pipelining"},
	{MTA: "Postfix", Meaning: ClientBlocked, Pattern: re(`client host bypass|\bsender ip (?:address )?‹ip› is (?:locally )?black-?listed|not allowed from this (?:ip |network |address )*range\b|client (?:host |address |ip )?(?:‹\w+› )?(?:is )?(?:rejected|blocked|denied|refused|banned|black-?listed)`),
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
	{MTA: "", Meaning: ContentRejected, Pattern: re(`(?:message|mail|e-?mail|header|data)(?:'s)?(?: \w+)? (?:size|length)|size (?:of (?:the |your )?message|exceed|limit)|(?:message|mail|e-?mail|attachment) (?:is |was )?(?:too (?:big|large|long)|larger|exceed)|too much mail data|max(?:imum)? message size|duplicate header|multiple (?:\S+ )?headers?\b|missing (?:\S+ )?headers?\b|超过大小`),
		Example: "552 5.3.4 Message size exceeds fixed limit"},
	{MTA: "", Meaning: ContentRejected, Pattern: re(`\b(?:ur[li]s?|links?|body|content|attachment)\b[^;]{0,60}(?:‹list›|‹dbl›|listed|black-?list|block-?list)|black[ -]?listed url`),
		Example: "550 A URL in this email (example.net) is listed on https://spamrl.com/. Please resolve and retry"},

	// The sending domain's standing and its authentication (RFC 7372 3).
	{MTA: "", Meaning: SenderRejected, Pattern: re(`\bspf\b|‹spf›|\bdkim\b|\bdmarc\b|sender policy framework|domainkeys|\bsender[ -]?id\b`),
		Example: "550 5.7.26 Unauthenticated email from example.net is not accepted due to domain's DMARC policy."},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`spoof|masquerad|impersonat|(?:fake|forged?|forging) (?:sender|address|mail|from|envelope|domain)|possible forgery|mail ?from ‹?\S* ?mismatch`),
		Example: "550 5.7.1 Anti-Spoofing policy - Inbound not allowed"},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`unauthenticated (?:e-?mail|messages?|mail)|authentication (?:checks|level|information|results)|sender is unauthenticated`),
		Example: "550 5.7.515 Access denied, sending domain EXAMPLE.NET doesn't meet the required authentication level."},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`reputation of (?:the |your |a )*(?:sending |sender )?domain|(?:sending |sender |your )domain(?:'s)? (?:has )?[^.]{0,20}reputation|‹dbl›|(?:sender|envelope|your domain|from address|e-?mail address|sender domain|mailfrom domain)[^.]{0,40}(?:black|block|deny)[ -]?list|(?:mailfrom|sender) domain (?:is )?listed|senderfilter|members[- ]only|non-member|purported responsible|(?:envelope sender|sender (?:address |domain )?(?:is|was|has|‹addr›))[^.]{0,40}(?:spammer|spam\b|black|block)`),
		Example: "550 5.0.1 Invalid Sender. Your domain has been blacklisted"},
	{MTA: "Netease", Meaning: SenderRejected, Pattern: re(`\bwm:blu\b|\bdt:sum\b|\bmi:spb\b`),
		Example: "450 WM:BLU 163 mx3,O8CowAD3"},

	// Our address: listed, nameless, ill reputed. These stand before relaying by rule.
	{MTA: "Postfix", Meaning: ClientBlocked, Pattern: re(`(?:client|host|ip|server|address)\b[^.;]{0,60}\b(?:blocked|rejected|refused|listed|denied) (?:using|by|at|in|on) ‹(?:list|host)›|blocked using`),
		Example: "550 Rejected: 192.0.2.7 is blocked using bl.example.net"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`‹list›`),
		Example: "550 5.7.1 Rejected, see https://www.spamhaus.org/query/ip/192.0.2.7"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`\b(?:dns|r|at?tr|dr)bl\w*\b|\b(?:black|block|deny)[ -]?list(?:ed|ing|s)?\b|spamhaus|spamcop|barracuda reputation|\bis blocked for assistance|\b(?:sbl|xbl|pbl|css|zen)\b|rbl deny|lista negra|liste noire|schwarze liste|чёрн|черн\w+ спис|黑名单|ブラックリスト`),
		Example: "550 permanent failure: Mail Refused - IP Address 192.0.2.7 Blacklisted"},
	{MTA: "Sendmail", Meaning: ClientBlocked, Pattern: re(`ip name (?:lookup failed|possibly forged)|can ?not resolve ptr|\bptr\b|\breverse[ -](?:dns|lookup|name|host|mapping|address|resol|mx)|\breverse (?:\w+ )?(?:dns|name)|\br-?dns\b|\brp:rdn\b|dns:nr|no reverse|invalid rdns`),
		Example: "550 5.7.1 <r@example.com>... Relaying denied. IP name lookup failed [192.0.2.7]"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`(?:find|resolve|look ?up|verify|determine|match) (?:your|client|the client) (?:host ?name|address|host|ip|name)|unresolvable (?:relay |client |host )*(?:name|host|ip|address)|(?:your|sending|client|sender|connecting) (?:ip|host|ip address)(?: ‹\w+›)? (?:must|should|does not|can not|could not)\b[^.]{0,20} ?resolve|host can not be resolved|dynamic(?:/\w+)* (?:ip|dns|address|host|range|pool|ips)|dynamic/|dynamically|dial-?up|residential|generic (?:dns|ptr|host)`),
		Example: "554 5.7.1 Access denied: unresolvable relay host name [192.0.2.7]"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`\b(?:you|your \w+|(?:sending|remote|client|connecting|sender) (?:mta|host|server|system|ip)|mail server ip|‹ip›)\b[^.]{0,40}\b(?:is|are|be|as|was|running|appears? to be|listed as|known as) an? (?:known )?open[ -]?(?:mail )?(?:relay|proxy)|open[ -]?(?:relay|proxy) (?:listed|detected|found|test|check|servers? are|host)|(?:from|by|via|through) (?:an? |known |your )*(?:open|insecure)[ -](?:mail )?(?:relay|prox)|\binsecure (?:mail )?relay|rejecting open proxy|refused:? open relay`),
		Example: "550 5.7.1 Your server is an open relay; fix it first"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`reputation|complaints|spammer|spam ?bot|botnet|zombie|spam (?:source|origin|host|network|ip)|sending spam|your access to|(?:not|no longer) accepts? connections|sending ips\b|(?:mails?|messages?|connections?|traffic|access) (?:(?:is|are|was|not|accepted|denied|allowed|blocked) )*from your location|namespace mining|unwanted messages|sent from your ip address has been blocked|ip profile|\bbad (?:sender )?ip\b|mismatch\w* client ip|mail server is (?:currently )?(?:blocked|listed)|\bip block\b|too (?:much|many) spams?\b|abus(?:e|ive) (?:from|detect|host|ip|server)|connections? refused due to abuse|abus detect|attacks? from|bounce attacks?|identified as spam(?:mer)?\.? |will be permanently deferred|block(?:ed)? list|\b(?:black|invalid|suspicious|untrusted) ip\b`),
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
	{MTA: "", Meaning: HeloRejected, Pattern: re(`\b(?:helo|ehlo|hello)\b[^.;]{0,70}(?:invalid|reject|denied|refused|not |missing|must |should |mismatch|malformed|forg|illegal|bad|require|fake|block|syntax|wrong|black|doesn)|helohost error`),
		Example: "550 5.5.0 your ehlo domain does not resolve to an IP address"},
	{MTA: "", Meaning: HeloRejected, Stages: []Stage{Helo}, Pattern: re(`^5\d\d .*(?:invalid (?:domain|host|name)|host ?name|domain (?:name|address)|fully[- ]qualified|fqdn|malformed|argument|does not resolve|not found)`),
		Example: "501 5.0.0 Invalid domain name"},

	// Quotas and rates of senders, even those that say "relay"; then the recipient's own quota.
	{MTA: "Gmail", Meaning: RateLimited, Pattern: re(`(?:daily|hourly|peak|monthly|sending|sender|submission|smtp relay|relaying|outgoing|outbound|session|connection|transaction)(?: \w+){0,3} (?:quota|limit|rate)s?\b|(?:thread|receive) limit|exceeded (?:their|its|the) (?:\w+ )?limit (?:for|of) |limits? for how many|per[ -](?:hour|day|minute|second)\b|\bthis hour\b`),
		Example: "550 5.4.5 Daily SMTP relay limit exceeded for customer."},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`\b` + mailbox + `\b[^.:]{0,60}\b` + full + `|\bmail ?box (?:\w+ )?limit\b|\b(?:full|exceed\w*|not enough space in|over quota)[^.]{0,20}\b(?:mail ?box|mail ?folder|maildir|inbox)\b|over ?quota|out of (?:storage|quota)|exceeded storage allocation|(?:boite|boîte)[^.]{0,40}pleine|postfach[^.]{0,20}voll|buz[oó]n (?:est[aá] )?lleno|caixa (?:postal )?(?:est[aá] )?cheia|casella piena|переполнен|邮箱已满|too many messages (?:in|on) (?:this|the)|quota violation|space has been used up`),
		Example: "552 5.2.2 Mailbox full"},
	{MTA: "Netease", Meaning: RateLimited, Pattern: re(`\b(?:hl:i[cf]c|mi:(?:cel|dmc|ccl|sfq|stc)|rp:(?:drc|ccl|cel|qrc|trc|orq)|dyn:t\d|cxcnct|cxmxrt)\b|\brp-00\d`),
		Example: "450 MI:SFQ 163 mx14,QMCowADXZ"},
	{MTA: "", Meaning: RateLimited, Pattern: re(`\btoo (?:many|much|fast|quick\w*|frequent\w*|often|busy|rapid\w*)\b|rate[- ]?limit|throttl|frequency|\bbusy\b|slow(?:er)? ?(?:down)?\b|\bquota\b|concurren|unusual rate|excessive|exceed\w*[^.]{0,50}\b(?:limit|limits|rate|number|max\w*|allowed|threshold)|(?:limit|threshold|max\w*)(?: \w+){0,3} (?:exceeded|reached)|\ba rate that\b|max(?:imum)? (?:number of )?(?:messages?|connections?|recipients?|rcpts?|sessions?|errors?)|out of allow rcpt|many recipients|multiple destination domains|trop de|zu viele|demasiad|muitas|troppi|слишком много|过于频繁|頻度`),
		Example: "452 4.5.3 Error: too many recipients"},

	// The recipient looked up: elsewhere, or in Postfix's table of relayed recipients.
	{MTA: "Postfix", Meaning: Temporary, Pattern: re(`address verification in progress|verification (?:is )?(?:in progress|temporar)|(?:recipient )?callout (?:is )?(?:in progress|temporar)|could not complete recipient verify`),
		Example: "450 4.1.1 <u@example.org>: Recipient address rejected: unverified address: Address verification in progress"},
	{MTA: "Postfix", Meaning: RecipientUnknown, Pattern: re(`un(?:verified|deliverable) address|unknown in \w+(?: \w+){0,3} table|relay recipient (?:table|maps?)|(?:not local or unknown|unknown or not local)`),
		Example: "550 5.1.1 <u@example.org>: Recipient address rejected: User unknown in relay recipient table"},

	// Relaying, by name. The refusal and "relay" must belong together: see between and ofRelay.
	{MTA: "Postfix", Meaning: RelayDenied, Pattern: re(`relay access denied`),
		Example: "454 4.7.1 <r@example.com>: Relay access denied"},
	{MTA: "Sendmail", Meaning: RelayDenied, Pattern: re(relaying + between + refused),
		Example: "550 5.7.1 <r@example.com>... Relaying denied. Proper authentication required."},
	{MTA: "Exchange", Meaning: RelayDenied, Pattern: re(`\b(?:can not|unable to|refus(?:e|es|ed|ing) to|declin(?:e|es|ed|ing) to|will not|would not|may not|must not|never)(?: (?:be|act as an?|mail|open|it|this|for|accept|allow|perform))* relay(?:s|ed|ing)?\b`),
		Example: "550 5.7.1 Unable to relay for r@example.com"},
	{MTA: "Exim", Meaning: RelayDenied, Pattern: re(unwilling + ofRelay),
		Example: "550-client.example [192.0.2.7] is currently not permitted to\n550 relay through this server."},
	{MTA: "IceWarp", Meaning: RelayDenied, Pattern: re(`\b(?:do|does|is|are|am|will) not(?: (?:currently|be|an?|the|your|open|smtp|mail|ever|act as))* relay(?:s|ed|ing)?\b|no longer relays?\b|\bnot an? (?:(?:open|public)[ -]?)*relay|\bnot relaying\b`),
		Example: "571 <r@example.com> prohibited. We do not relay"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`\bno (?:open |third[- ]party |mail |unauthori[sz]ed |anonymous |smtp )*relay(?:s|ing)?\b(?: (?:allowed|permitted|here|access|for|to|through|thru|please|of|from|on|without|privileges?|rights?|permission)\b|[,.!;:)]|$)`),
		Example: "550 no relaying to r@example.com from client.example [192.0.2.7]"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:unauthori[sz]ed|illegal|unpermitted|prohibited) (?:mail |smtp |open |third[- ]party )*relay|\b(?:den(?:y|ies|ied)|disallow(?:s|ed)?|prohibits?|forbids?|rejects?|disabled?) (?:mail |open |smtp |all |any |third[- ]party |unauthori[sz]ed )*relay(?:ing)?\b|denied (?:for|to) relay|anti-?relay|closed relay|relay(?:ing)? (?:violation|attempt|restriction)|relay check (?:\w+ )?fail`),
		Example: "553 <r@example.com>... unauthorized relay traffic prohibited"},
	{MTA: "qmail", Meaning: RelayDenied, Pattern: re(`\b(?:try|tried|trying|attempt\w*|us(?:e|ed|ing)) [^.]{0,40}\b(?:as an?|for) (?:open |mail |smtp )*relay`),
		Example: "553-you are trying to use me [mx.example.org] as a relay, but I have not\n553 been configured to let you [192.0.2.7, client.example] do this."},
	{MTA: "SmarterMail", Meaning: RelayDenied, Pattern: re(`(?:authenticat\w+|log ?in|credentials|authori[sz]\w+|permission|smtp auth)\b[^.;]{0,40} (?:for|to|before|when) (?:\w+ ){0,2}relay(?:ing)?\b|relay(?:ing)?[^.;]{0,40} (?:requires|needs|without) (?:\w+ ){0,2}(?:authent|auth\b|log ?in|permission|authori)`),
		Example: "550 Authentication is required for relay"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`\bonly (?:to )?relays?(?:ing)? (?:mail )?(?:for|from|to)|relay(?:s|ing)? only (?:for|from|to|allowed|mail)|relay(?:ing)? is only|relay(?:ing)? (?:service )?(?:is )?(?:for|available to|limited to|reserved for|restricted to) `),
		Example: "550 5.7.1 This server only relays mail for its own customers"},
	{MTA: "Microsoft 365", Meaning: RelayDenied, Pattern: re(`tenantattribution`),
		Example: "550 5.7.64 TenantAttribution"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`relais[^.;]{0,40}refus|(?:relay\w*|relais|weiterleit\w+|retransmis\pL+|reencaminhamento|encaminhamento|reenv[ií]o)[^.;]{0,40}(?:nicht (?:erlaubt|gestattet|zugelassen|m[oö]glich)|verweigert|abgelehnt|verboten|unzul[aä]ssig|refusé|interdit|non autoris|pas autoris|denegad|no (?:est[aá] )?(?:permitid|autorizad)|prohibid|negad[oa]|n[aã]o (?:[eé] )?(?:permitid|autorizad)|recusad|proibid|non (?:[eè] )?(?:consentit|permess|autorizzat|abilitat)|vietat|rifiutat|niet toegestaan|geweigerd|zabronion|niedozwolon|odmow|zak[aá]z|odm[ií]tnut|запрещ|отказ|не разреш|reddedildi|\bizin)|(?:kein|pas de|no se permite(?: el)?|no se admite(?: el)?|n[aã]o (?:fazemos|permite|permitimos)(?: o)?|nessun|geen|brak|запрещ\w+|нет) (?:\w+ )?rel(?:ay|ais|aying)`),
		Example: "550 5.7.1 <r@example.com>: Relaying nicht erlaubt"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:релей|пересылк|ретрансляц)[^.;]{0,40}(?:запрещ|отказ|не разреш|не допуск)|(?:запрещ|не разреш)[^.;]{0,30}(?:релей|пересылк|ретрансляц)|(?:中继|中繼|转发|轉發|轉寄)[^。;]{0,20}(?:拒绝|拒絕|禁止|不允许|不允許|被拒)|(?:拒绝|拒絕|禁止|不允许|不允許|不支持)[^。;]{0,12}(?:中继|中繼|转发|轉發)|(?:中継|リレー)[^。;]{0,20}(?:拒否|禁止|許可され|許可して|できません|認め)`),
		Example: "550 Пересылка почты запрещена"},

	// Relaying, without the word: this domain is not served here.
	{MTA: "hMailServer", Meaning: RelayDenied, Pattern: re(`delivery is not allowed to this address`),
		Example: "550 Delivery is not allowed to this address."},
	{MTA: "qmail", Meaning: RelayDenied, Pattern: re(`rcpt ?hosts`),
		Example: "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"},
	{MTA: "MailEnable", Meaning: RelayDenied, Pattern: re(`(?:authenticat\w+|auth\b|log ?in|logged in)[^.]{0,60}(?:non-?local|remote|external|foreign|outside|other) (?:e-?mail )?(?:address|recipient|domain|user|mailbox|destination|host)|(?:send\w*|deliver\w*|mail|messages?)(?: \w+){0,2} to (?:non-?local|remote|external|foreign|outside|other|internet)\b[^.]{0,60}(?:` + refused + `|requires?|must|only)|\b(?:non-?local|remote|external|foreign|outside) (?:sending|deliver\w+|mail|recipients?|address(?:es)?|domains?)\b[^.;]{0,30}(?:only|` + refused + `|requires?)`),
		Example: "503 This mail server requires authentication when attempting to send to a non-local e-mail address."},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`(?:sender|from|originating|envelope|your|sending)(?:'s)? (?:e-?mail |mail )?(?:address )?domain|domain of (?:the |your )?sender|\bsender ‹addr›|domain\b[^.]{0,30} not (?:allowed|permitted|authori[sz]ed) to (?:send|submit)|\bas sender\b|mail ?from (?:address )?domain`),
		Example: "550 sorry, your envelope sender domain must exist"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:unknown|no such|invalid|not an?|unrecogni[sz]ed) (?:\w+ )?domain\b[^.]{0,20} (?:here|at this (?:location|host|site|server|system)|on this (?:server|host|system|machine)|locally)\b|domain\b[^.]{0,30} (?:unknown|not (?:found|known|exist)|does not exist) (?:here|at this|on this|locally)`),
		Example: "550 No such domain at this location"},
	{MTA: "mox", Meaning: RelayDenied, Pattern: re(`\bnot (?:\w+ )?(?:handl\w*|accept\w*|receiv\w*|process\w*|tak(?:e|ing)\b|rout\w*|forward\w*|serv\w*|host\w*|deliver\w*|configured to (?:accept|receive|handle)|responsible|authoritative)(?: (?:any|inbound|incoming))?(?: (?:e-?)?(?:mails?|messages?))? (?:for|destined (?:for|to)|addressed to) (?:(?:that|this|the|your|these|any|other|recipient|destination|specified) )*(?:domains?|host|ip\b|‹host›|‹addr›|‹ip›|non-?local|remote|external|foreign)`),
		Example: "550 5.1.1 not accepting email for domain"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`(?:mail|messages?) (?:for|to) (?:that |this |the )?(?:domain|‹host›)(?: ‹host›)? (?:is|are) not (?:accepted|handled|processed|delivered|allowed)`),
		Example: "550 Mail for example.com is not accepted"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`non-?accepted domain|not (?:an? |one of the )?domains? (?:that )?(?:we|i|this (?:server|host|system)) |(?:do|does) not (?:host|serve|handle|service) (?:(?:the|that|this|any) )?(?:domain|‹host›)|not (?:my|our) (?:mail )?domain|foreign domain|no local domain|\bdomains?\b(?: ‹\w+›| name| part| of [a-z ]{2,20})?(?: (?:is|are|was))? not (?:an? |the |one of |currently |being |be |in |on |among |within |part of |a part of |my |our |the |this |list of )*(?:accepted|local\b|locally|hosted|served|serviced|handled|allowed|permitted|supported|ours\b|known here|managed|authori[sz]ed|here\b|accept list|list\b|domains?\b|server\b|valid here|configured (?:here|on|for)|responsible|recipient)`),
		Example: "550 5.1.2 r@example.com... Domain is not hosted on this server"},
	{MTA: "", Meaning: RelayDenied, Pattern: re(`\bnot (?:an? |one of |the |our |my |your )*(?:accepted|local|locally hosted|hosted|allowed|authori[sz]ed|permitted|served)(?: (?:recipient|e-?mail|mail|local))? domains?\b|\bnot (?:an? |the |our |my |your )*(?:gateway|mx\b|mail ?exchanger|mail server for|final destination|mx (?:service|host|server))|\bnot local host|\bnot responsible for (?:that|this|the|‹)`),
		Example: "550 not local host example.com, not a gateway"},
	{MTA: "Coremail", Meaning: RelayDenied, Pattern: re(`\blocal (?:users?|mail|recipients?|deliver\w*|domains?|address\w*|accounts?) only|\bonly (?:accept\w* |for |deliver\w* |allow\w* )?(?:mail |messages |e-?mail )?(?:for |to )?local\b|must be (?:an? )?local|(?:recipient|user|destination|domain|‹addr›|‹host›)(?: (?:is|are))? not local\b|non-?local (?:recipient|user|address|domain|destination)`),
		Example: "553 Requested action not taken: Local user only"},

	// Our address, without the word for it, and with no word on relaying.
	{MTA: "", Meaning: ClientBlocked, Pattern: re(ourAddress + `[^.;]{0,60}` + unwelcome + `|\byour address ‹ip›|\bip (?:address )?(?:‹ip› )?(?:is |was |does |has |could |can )*(?:unknown|invalid|not (?:be |been )*(?:found|known|valid|registered|recogni[sz]ed|have)\b)|\b(?:your|sending|remote|connecting) (?:mail ?)?(?:host|server|mta|system|network|machine|provider|isp)\b[^.;]{0,50}` + unwelcome + `|(?:refused|rejected|denied|blocked|banned)[ :-]+(?:from |for |to )?‹ip›|` + unwelcome + `[a-z]*(?: \w+){0,4} (?:your|this|from|for|by)(?: your| this| the)?(?: sending| sender| source| client)? ip\b|(?:mail|e-?mail|messages?|connections?|access|hosts?|traffic)(?: \w+)? (?:from|for|by) (?:your (?:ip|host|server|network|address|country)|this (?:ip|host|server)|that country|‹ip›|hosts? with)[^.;]{0,60}` + unwelcome),
		Example: "554 IP is rejected"},
	{MTA: "", Meaning: ClientBlocked, Pattern: re(`not allow (?:mail from )?your (?:ip|host|server|address)\b|(?:not|do not|will not) (?:be |currently )*accept(?:ed|ing|s)? (?:mail|e-?mail|messages|connections?)(?: \w+){0,2} (?:from|by) (?:(?:your|this|that) (?:ip|host|server|network|client|location|country|system|machine)|hosts?|ip|servers?|‹ip›|dynamic|you\b)|connections? (?:not accepted|will not be accepted|(?:is |was )?(?:refused|rejected|denied)(?: \w+){0,3} (?:from|for|by))|not allowed to (?:connect|send (?:us )?mail|send from that)|(?:you|your \w+) (?:are|is|have been|has been) (?:banned|blocked|listed|not allowed to connect)|no access from mail server|server access ‹ip› forbidden|host network,? not allowed|‹ip› (?:is )?not authori[sz]ed|problem occurred|rejected based on geo|geographical|(?:remote|client) ip check|smtpport check|\bfrom (?:your|that) country`),
		Example: "554 5.7.1 You are not allowed to connect."},

	// Encryption first (RFC 3207 4), login first (RFC 4954 6), each demanded alone.
	{MTA: "", Meaning: Temporary, Pattern: re(`(?:tls|ssl|starttls)(?: is)?(?: currently| temporarily)? (?:not (?:available|supported|offered|enabled)|unavailable|disabled)|tls (?:handshake|negotiation|session|connection)?[^.]{0,20}fail|temporary authentication failure|temporar\w+ (?:auth|problem|system|dns)|dns temporary fail|can not authenticate due to`),
		Example: "454 4.7.0 TLS not available due to local problem"},
	{MTA: "", Meaning: TLSRequired, Pattern: re(`(?:(?:must|need\w*|please|require[sd]?|requires|required|only|first|without|use|using|issue|start|mandatory|unencrypted|over|insist\w*|not)\b[^.;]{0,50}\b(?:starttls|tls|ssl|encrypt\w*|ciphers?)\b|\b(?:starttls|tls|ssl|encrypt\w*)\b[^.;]{0,50}\b(?:must|need\w*|require[sd]?|required|first|mandatory|only|erforderlich|requis|obligat\w+)|start ?tls first|unencrypted|encryption (?:is )?too weak)`),
		Example: "530 5.7.0 Must issue a STARTTLS command first"},
	{MTA: "spamdyke", Meaning: SenderRejected, Pattern: re(`\bsender claims\b|\b(?:sender|(?:sender|from|envelope|return[- ]path)(?: e-?mail)? address) (?:does|do|must|should|has to|is)(?: not)? match|mail ?from (?:account|address|user) (?:does |is )?not (?:conform|match|equal)|your e-?mail address(?: \S+)? (?:has been|is|was) (?:blocked|banned|refused|rejected)`),
		Example: "554 Refused. Your sender address does not match your authentication username."},
	{MTA: "", Meaning: AuthRequired, Pattern: re(`(?:must|need\w*|please|require[sd]?|requires|required|first|not|before|only|turn on|should|have to|fail\w*|without|invalid)\b[^.;]{0,60}\b(?:authenticat\w*|(?:smtp )?auth\b|log ?in\b|log ?on\b|logged in|sign in|credentials)|\b(?:authenticat\w*|authentification|(?:smtp )?auth\b|log ?in\b|credentials)\b[^.;]{0,60}\b(?:must|need\w*|require[sd]?|required|first|mandatory|before|requise?|fail\w*|invalid|not|error|rejected|disabled|obligat\w+|erforderlich|necess\w+)`),
		Example: "530 5.7.0 Authentication required"},
	{MTA: "", Meaning: AuthRequired, Pattern: re(`anonymous (?:access|mail|users?|senders?|submission|smtp)|unauthenticated (?:senders?|users?|clients?|access|session|connection)|pop3? before smtp|(?:check|receive|read|get|fetch|retrieve|collect) (?:your |for )?(?:new )?mail[^.]{0,20} (?:first|before)|authentif\w+ requise|autentica\w+ (?:requerid|richiest|necess|obrigat|exigid)|requ?ie?re autentica\w+|anmeldung erforderlich|authentifizierung|аутентификац|авториз|验证|驗證|認証|username and password|please log`),
		Example: "553 5.7.1 Anonymous access not allowed, please register"},

	// The sender, in other words than Postfix's.
	{MTA: "Sendmail", Meaning: SenderRejected, Pattern: re(`domain of (?:your )?sender|not accept\w* (?:mail|e-?mail|messages) from ‹addr›|(?:route|deliver) to sender|bogus (?:sender|mail)|send from (?:this|that|your|the) (?:e-?mail )?(?:address|domain|sender|account)|could not complete sender|permissions? to send as|send on behalf|(?:not )accept\w* (?:mail|e-?mail|messages) from (?:this|that|your|the) (?:sender|address|domain|user)|domain name required for sender|(?:required|missing) for sender`),
		Example: "553 5.5.4 <s@localhost>... Real domain name required for sender address"},
	{MTA: "", Meaning: SenderRejected, Pattern: re(`\b(?:sender|senders|envelope[- ](?:from|sender)|mail ?from|from[: ]+address|from: ?|return[- ]path|originator|emetteur|[eé]metteur|exp[eé]diteur|absender\w*|remitente|remetente|mittente|отправител\w*|发件人|發件人|送信者)\b[^.;]{0,70}(?:reject|denied|deny|refus|invalid|unknown|not |verif|unvalidated|unauthor|black|bad\b|illegal|malformed|must|block|forbid|prohibit|syntax|mismatch|unroutable|unrouteable|disallow|resolve|no such|empty|does|nicht|invalide|inv[aá]lid|no existe|non |rechaz|rejeit|запрещ|не найден|不|拒)`),
		Example: "554 5.1.0 Sender Denied"},
	{MTA: "qmail", Meaning: SenderRejected, Pattern: re(`\b(?:invalid|bad|unknown|illegal|unverified|unauthori[sz]ed|blocked|reject\w*|denies|deny|refus\w*|verify|no such|unroutable|unacceptable|ungültiger) (?:the |your |this |envelope )*(?:sender|mail ?from|return[- ]path|from address|absender)|bad ?mail ?from|badsender|null sender|not (?:a )?local sender|empty (?:envelope )?sender|bounces? (?:are |is )?not (?:accepted|allowed)|use submission|verify mailfrom`),
		Example: "553 Denied domain in null sender"},
	{MTA: "", Meaning: SenderRejected, Stages: []Stage{Mail}, Pattern: re(`malformed|domain literal|must contain a domain|domain (?:name )?(?:required|missing|must)|fully[- ]qualified|(?:invalid|bad|illegal|incorrect|wrong|unacceptable) (?:\w+ )?(?:e-?mail|address|mailbox|domain|path)|unqualified|address [^.]{0,20}(?:format|invalid|illegal)|no such|does not exist|not exist|denied domain`),
		Example: "501 <s@[192.0.2.7]>: domain literals not allowed"},

	// The recipient's domain has nowhere to take mail (RFC 7505, RFC 5321 5.1).
	{MTA: "Postfix", Meaning: RecipientDomainRejected, Pattern: re(`null ?-?mx|does not accept (?:any )?mail \(|malformed dns|\bno mx\b|\bmx in |\bmx or |indicated no smtp|bad destination (?:system|host|domain)|reserved by rfc|\b(?:host|domain)(?: ‹host›)? does not accept (?:any )?(?:e-?)?mail$|(?:no|find an?|find any|have an?) (?:valid )?(?:mx|mail exchanger)|\bmx (?:records?|list|host)|no mail hosts?|check mx|unable to route|nxdomain|no (?:a|dns|mx or a)[ -](?:record|data|entry)|name ?server:|name service error`),
		Example: "556 5.1.10 <r@example.com>: Recipient address rejected: Domain example.com does not accept mail (nullMX)"},
	{MTA: "", Meaning: RecipientDomainRejected, Pattern: re(`\bhost (?:name )?(?:‹\w+› )?(?:is )?(?:unknown|not found)|(?:unknown|no such) host|host or domain name not found|\bdomain(?: name| part)?(?: ‹\w+›)?(?: (?:is|was|does|has|could|can))? (?:not (?:be )?(?:found|exist|known|valid|resolve\w*|reachable|routable)|unknown|must (?:exist|resolve|be valid)|invalid|non-?exist\w*|no (?:mx|dns|a ))|(?:invalid|unknown|no such|non-?exist[ae]nt|bad|unresolvable|unrout\w+|illegal) (?:\w+ )?domain|mail domain[^.]{0,40}unknown|resolve[^.]{0,40} domain|dominio non valido|dns (?:query|lookup|resolv\w+)? ?(?:error|fail)`),
		Example: "450 4.1.2 <r@example.invalid>: Recipient address rejected: Domain not found"},

	// The form of an address or command, before the mailbox it might be taken for.
	{MTA: "Postfix", Meaning: Syntax, Pattern: re(`fully[- ]qualified|bad (?:recipient |e-?mail )?address syntax|address syntax|must contain a domain|malformed (?:recipient |e-?mail )?(?:address|path)|malformed (?:rcpt|mail|command)|may not follow|restricted characters|invalid route|route address|domain literals? (?:are )?not|domain (?:name )?required|improper (?:recipient )?address|supplying a domain|invalid rcpt|not a valid rfc|uucp|bang path|percent hack|source rout|unbalanced|colon expected|missing (?:or malformed )?(?:local part|domain)|must specify a domain|address (?:has|is in) (?:an )?(?:invalid|wrong|illegal|bad) format|no recipients? specified|at least one (?:valid )?recipient|illegal characters?|invalid characters?|(?:mailbox|address) syntax|^50[0-4] (?:[^ ]+ )?(?:‹\w+›:? )?(?:bad|invalid|illegal) (?:recipient |e-?mail |destination )?(?:address|mailbox)`),
		Example: "504 5.5.2 <r>: Recipient address rejected: need fully-qualified address"},
	{MTA: "Exim", Meaning: Syntax, Pattern: re(`domain missing or malformed|\bexpected after\b`),
		Example: "501 <r@example.com.>: domain missing or malformed"},
	{MTA: "qpsmtpd", Meaning: Syntax, Pattern: re(`could not parse (?:recipient|sender|your)\b`),
		Example: "501 could not parse recipient"},
	{MTA: "", Meaning: Syntax, Pattern: re(`syntax|bad sequence|sequence (?:error|of commands)|out of (?:sequence|order)|(?:command|verb|argument|parameter|option)s?(?: is| was| or \w+)? (?:unrecogni[sz]ed|not (?:recogni[sz]ed|implemented|supported|understood|known)|unknown|unimplemented|error)|(?:unrecogni[sz]ed|unknown|unimplemented|invalid|unsupported|bad) (?:smtp )?(?:command|verb|argument|parameter|option)|^50[0-4] .*not implemented|pipelin|synchroni[sz]ation|protocol (?:error|violation|synch)|early talk|before (?:the )?(?:smtp )?greeting|break rules|(?:need|want|send|issue|give|say) (?:a |an )?(?:valid )?(?:mail|rcpt|recipient|data)\b|(?:mail|rcpt|recipient|from)(?: \w+)? (?:first|command must precede)|must precede|line too long|stray newline|bare (?:lf|cr|newline|linefeed)|issue a reset|(?:smtp|following the) protocol|(?:not|do not) support this (?:operation|command)|all rcpt commands were rejected|no valid recipients?$|nested mail|sender already|already specified`),
		Example: "503 5.5.1 Error: need RCPT command"},

	// A policy after a mailbox said to be unavailable: the policy decides.
	{MTA: "GMX", Meaning: RefusedOther, Pattern: re(`mailbox unavailable\.? (?:reject )?due to policy|mailbox unavailable\.? (?:for explanation|refused by)|mail system full|system (?:is )?full|\byou (?:are|have|were) violat`),
		Example: "550-Requested action not taken: mailbox unavailable\n550 Reject due to policy restrictions."},

	// What is unavailable for now is no mailbox that is not there (RFC 5321 4.2.3: 450 "mailbox unavailable" is one
	// busy or blocked for policy reasons, 550 one not found).
	{MTA: "Mimecast", Meaning: Temporary, Pattern: re(`^4\d\d .*(?:\btemporar\w+ (?:unavailable|not available)\b|\bat (?:this|the) (?:time|moment)\b)`),
		Example: "451 Recipient temporarily unavailable"},

	// No such mailbox, or one that takes no mail (RFC 3463 3.2, 3.3).
	{MTA: "Postfix", Meaning: RecipientUnknown, Pattern: re(`user unknown|unknown (?:or (?:illegal|invalid) )?(?:virtual |local |destination )?` + mailbox + `|unknown/invalid`),
		Example: "550 5.1.1 <u@example.org>... User unknown"},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`\bno (?:such|valid|known|existing|active) (?:\w+ )?` + mailbox + `|no such (?:id|name|one)\b|no (?:mail ?box|account|user|one|person)(?: \w+)? (?:here|by|with|at|found|available)|there is no one|no mail ?box\b`),
		Example: "550 sorry, no mailbox here by that name. (#5.1.1 - chkuser)"},
	{MTA: "OpenSMTPD", Meaning: RecipientUnknown, Pattern: re(`(?:invalid|illegal|non-?exist[ae]nt|wrong|bad|inactive|incorrect|deactivated|disabled|suspended|unrout(?:e)?able|expired|unused)(?:[/ ]\w+)? (?:destination |e-?mail |mail |local )?` + mailbox + `|archived (?:recipient|mailbox)|bad destination|unrout(?:e)?able`),
		Example: "550 Invalid recipient: <u@example.org>"},
	{MTA: "Gmail", Meaning: RecipientUnknown, Pattern: re(`\b` + mailbox + `s?\b[^.;:]{0,70}\b` + gone + `|rejected: (?:temporarily )?(?:inactive|disabled|closed|suspended)`),
		Example: "550 5.2.1 The email account that you tried to reach is disabled. a1.1 - gsmtp"},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`‹addr›\W{0,4}(?:is |was |does )?(?:not (?:found|used|exist|known|a (?:known|valid)|an? active|here)|unknown|is unknown|is an? (?:deactivated|disabled))|\b(?:user|rcpt|recipient) (?:‹addr› )?not ok|not have an? (?:\S+ )?account|not an? (?:valid|known|active|existing|recogni[sz]ed|current) (?:\w+ )?(?:user|mailbox|recipient|account|address)|can not accept user|not our customer|not my user|not listed in|mail for (?:that|this|the) (?:user|mailbox|recipient|account)\b|not in (?:my|our|the) (?:list of )?(?:allowed |valid )?(?:recipients?|rcpt|users?)|(?:unable to|can not|could not|failed to) (?:validate|verify|find|locate|resolve) (?:the |your |this )?(?:recipient|user|address|mailbox|account)|` + mailbox + ` lookup[^.]{0,30}fail|recipnotfound|recipientnotfound|badrcptto|validrcptto|recipient verif\w+ fail|mail receiving disabled|account (?:is )?(?:in)?activ`),
		Example: "550 5.1.1 Not our Customer"},
	{MTA: "", Meaning: RecipientUnknown, Pattern: re(`destinataires? (?:\w+ )?(?:invalide|inconnu)|compte du destinataire est (?:bloqu|d[eé]sactiv|suspend)|utilisateur inconnu|adresse[^.]{0,30}inconnue|(?:empf[aä]nger|benutzer|postfach|adressat)[^.;]{0,30}(?:unbekannt|existiert|nicht|ung[uü]ltig)|unbekannter (?:empf|benutz)|destin(?:atario|\.)? sconosciuto|(?:indirizzo|casella|utente)[^.]{0,30}(?:inesistent|non esist|sconosciut|non valid)|non esiste|(?:usuario|destinatario|cuenta|casilla|buz[oó]n|usu[aá]rio|destinat[aá]rio|conta)[^.;]{0,30}(?:desconocid|desconhecid|no exist|n[aã]o exist|inexist|inv[aá]lid|inactiv|expirad|desactivad|desativad|suspen[ds]|bloquead|no encontrad|n[aã]o encontrad)|no existe|ya no hay nadie|nie (?:istnieje|ma takiego)|(?:пользовател|получател|ящик|адрес)\w*[^.;]{0,30}(?:не (?:найден|существует)|неизвест|отключ|заблокир)|нет такого (?:пользователя|адреса|ящика|получателя)|(?:用户|用戶|收件人|帐号|账号|邮箱|信箱|使用者)[^。;]{0,12}(?:不存在|未找到|无效|不正确)|(?:ユーザー?|宛先|受信者)[^。;]{0,12}(?:不明|存在しません|見つかり)`),
		Example: "550 5.1.1 <u@libero.it> Questo indirizzo non esiste"},

	// The message and what it carries.
	{MTA: "", Meaning: ContentRejected, Pattern: re(`spam|mass mail|\bvirus|malware|phish|\bjunk|\bbulk\b|unsolicited|\bube\b|\buce\b|\bcontent\b|attachment|\bheaders?\b|\bmime\b|rfc ?-?2?822|rfc ?5322|\bscored?\b|messagescoring|infected|gtube|eicar|(?:message|mail|e-?mail|accepted)[^.]{0,60}policy reasons|message policy|banned (?:word|file|content)|dt:(?:spm|md)|(?:message|mail|e-?mail) (?:text|subject)|pourriel|垃圾|迷惑メール|спам`),
		Example: "554 5.7.1 Message rejected due to suspected spam content"},
	{MTA: "", Meaning: ContentRejected, Pattern: re(`\b(?:message|mail|e-?mail)(?: \S+){0,2} (?:(?:was|has been|is|can not be|not) )*(?:rejected|refused|denied|blocked|accepted|filtered|reject\b|quarantined)|mail rejet|high probability`),
		Example: "571 Message Refused"},
}
