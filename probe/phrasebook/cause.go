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

var noRoute = re(`unrout(?:e)?able`)

// NoRoute reports whether a server says that it knows no way to an address (Exim: "Unrouteable
// address"). Of a local name that is an unknown user; of a foreign one it may be the domain alone that
// is at fault, and says nothing about relaying.
func NoRoute(r dialogue.Reply) bool { return noRoute.MatchString(plain(r)) }

var saysLater = re(`\b(?:later|again|retry|temporar\w*|transient|unavailable|busy|overload\w*|try)\b|lookup fail|(?:server|configuration|local|system|internal) (?:error|problem|fail)|later|später|plus tard|más tarde|稍后|再試行|позже`)

// SaysLater reports whether a temporary refusal says in words that it is one. Such a server may answer
// otherwise tomorrow; of a 4xx without such words that never changes, the number is only a habit.
func SaysLater(r dialogue.Reply) bool { return saysLater.MatchString(plain(r)) }
