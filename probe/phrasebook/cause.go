package phrasebook

import "openrelay/probe/wire"

var namedCause = re(`‹list›|blocked using|\blisted\b|\w*bl\b|\b(?:black|block|deny)[ -]?list|spamhaus|\bptr\b|\br-?dns\b|reverse|host ?name|\b(?:find|resolve|look ?up)\b|reputation|dynamic|dial-?up|open (?:relay|proxy)|spam|abuse|complain`)

var relayWord = re(`\brelay(?:ing|ed)?\b`)
var openRelay = re(`open[ -]relay`)

// NamesCause reports whether a refusal of our address says what is held against it: a list, a missing
// or odd name in DNS, a reputation. A server may hold that against us alone, so the refusal says
// nothing about what others may do; unless it speaks of relaying too, as Sendmail does ("Relaying
// denied. IP name lookup failed").
func NamesCause(r wire.Reply) bool {
	text := plain(r)
	return namedCause.MatchString(text) && !relayWord.MatchString(openRelay.ReplaceAllString(text, ""))
}
