package phrasebook

import (
	"openrelay/probe/dialogue"
)

var namedCause = re(`‹list›|blocked using|\blisted\b|\w*bl\b|\b(?:black|block|deny)[ -]?list|spamhaus|\bptr\b|\br-?dns\b|reverse|host ?name|\b(?:find|resolve|look ?up)\b|reputation|dynamic|dial-?up|open (?:relay|proxy)|spam|abuse|complain`)

var relayWord = re(`\brelay(?:ing|ed)?\b`)
var openRelay = re(`open[ -]relay`)

// NamesCause reports whether a refusal of our address says what is held against it: a list, a missing
// or odd name in DNS, a reputation. A server may hold that against us alone, so the refusal says
// nothing about what others may do; unless it speaks of relaying too, as Sendmail does ("Relaying
// denied. IP name lookup failed").
func NamesCause(r dialogue.Reply) bool {
	text := plain(r)
	return namedCause.MatchString(text) && !relayWord.MatchString(openRelay.regex().ReplaceAllString(text, ""))
}

var noRoute = re(`unrout(?:e)?able|\bundeliver\w*able\b|unverified (?:address|recipient)|\b(?:call-?(?:out|back)|call-?forward)\b|(?:‹ip›|‹host›|\b(?:host|server|mta|hop|relay)) sa(?:id|ys)(?:[:,]| [245]\d\d\b| no\b)|^\d{3} said:|remote (?:\w+ )?(?:host|server|system|mta|side) (?:said|repl|answer|respon|reject|refus)|\b(?:server|host|mta) (?:of|for|at) (?:‹host›|the (?:recipient|destination|domain))[^.;]{0,10} (?:said|says|refus|reject|repl|answer|respon)|next hop (?:said|repl|answer|respon|reject|refus)|no route to`)

// NoRoute reports whether a server says that it knows no way to an address (Exim: "Unrouteable
// address"), or repeats what another server says of it (Postfix: "undeliverable address: host ... said:
// ..."). Of a local name that is an unknown user; of a foreign one it may be the domain alone that is at
// fault, and says nothing about relaying.
func NoRoute(r dialogue.Reply) bool { return noRoute.MatchString(plain(r)) }

var noHeader = re(`^5\d\d .*\brequired proxy negotiation failed\b`)

// MissesHeader reports whether a server refuses a command for the PROXY header that did not come before it (Exim: "503
// Command refused, required Proxy negotiation failed").
func MissesHeader(r dialogue.Reply) bool { return noHeader.MatchString(plain(r)) }

// later are the words of what will pass by itself.
const later = `temporar|later|\b(?:again|retry|transient|unavailable|busy)\b|overload|lookup fail|\b(?:server|configuration|local|system|internal|dns|network|database) (?:error|problem|fail)|später|plus tard|más tarde|временно|позже|稍后|暂时|再試行`

var (
	saysLater = re(later + `|\btry\b`)
	passing   = re(later + `|\bat (?:this|the) (?:time|moment)\b|for the (?:moment|time being)|\b(?:right|just|for|not) now\b|\buntil (?:your|the|we|it|its|further|tomorrow|up-?stream|\d)|up-?stream|\bqueue|\bdown\b|\b(?:un|not )reachable|timed?[ -]?out|connection (?:lost|failed|refused|reset|to)|no connection|\bload\b|maintenance|suspended|\b(?:disk|memory|space)\b|\b(?:lookup|check|query|attempt|hop|relay)[^.;]{0,20} failed|\brelay (?:database|table|map)|vorübergehend|erneut|` + nameless)
)

// SaysLater reports whether a temporary refusal says in words that it is one. Such a server may answer
// otherwise tomorrow; of a 4xx without such words that never changes, the number is only a habit.
func SaysLater(r dialogue.Reply) bool { return saysLater.MatchString(plain(r)) }

// willPass reports whether a server refuses to relay for a cause that will pass, so that it may relay afterwards.
// Many say 4xx and never will: that alone is no cause.
func willPass(m Meaning, r dialogue.Reply, words *subject) bool {
	return m == RelayDenied && r.Temporary() && passing.match(words)
}
