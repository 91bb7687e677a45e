package phrasebook

import (
	"fmt"
	"regexp"
	"strings"

	"openrelay/probe/dialogue"
)

// plain makes of a reply the one line that patterns are matched on: the code, a space, and the words in
// lower case without line folds, repeated codes and enhanced codes. What names somebody (addresses,
// hosts, URLs) is replaced by a mark, because servers repeat our own names to us: "relay" in
// <relay-denied@example.com> or in relay.example.net is a name, not an answer.
func plain(r dialogue.Reply) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%03d", r.Code)
	text := strings.ToLower(cut(r.Text()))
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteByte(' ')
		b.WriteString(unprefix(line, r.Code))
	}
	words := runOn.regex().ReplaceAllString(contract.Replace(quotes.Replace(b.String())), "$1. $2")
	return unname(strings.Join(strings.Fields(words), " "))
}

// runOn is a sentence begun without a space, which would pass for a host: "Relaying denied.No exceptions".
var runOn = re(`\b(denied|rejected|refused|allowed|permitted|prohibited|required|unknown|blocked|exist|found|disabled|rcpthosts)\.+([a-z])`)

var statusPrefix = regexp.MustCompile(`^[ :-]*#?[245]\.\d{1,3}\.\d{1,3}\b[ :-]*`)

// isCoded reports whether a line begins with the code of a reply.
func isCoded(line string) bool {
	isDigit := func(b byte) bool { return '0' <= b && b <= '9' }
	return len(line) > 3 && strings.IndexByte("245", line[0]) >= 0 && isDigit(line[1]) && isDigit(line[2]) && (line[3] == ' ' || line[3] == '-')
}

// unprefix takes the codes from the front of a line: relays and logs repeat them inside the text, and
// RFC 2034 4 repeats the enhanced code on every continuation line.
func unprefix(line string, code int) string {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, fmt.Sprint(code)) && isCoded(line) {
		line = line[4:]
	}
	return statusPrefix.ReplaceAllString(line, "")
}

// quotes are the apostrophes people use; contract spells out what English contracts, so that patterns
// need to know "not" only.
var (
	quotes   = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "´", "'", "\x00", "")
	contract = strings.NewReplacer(
		"can't", "can not", "cant ", "can not ", "cannot", "can not", "won't", "will not", "'nt", " not", "n't", " not",
		"isnt ", "is not ", "dont ", "do not ", "doesnt ", "does not ", "'re ", " are ",
	)
)

// A name pattern and the mark that stands for what it matches.
type name struct {
	pattern *Pattern
	mark    string
}

// The marks. No server writes them; one that does gains nothing.
const (
	markAddr = "‹addr›" // a mailbox or path
	markHost = "‹host›"
	markIP   = "‹ip›"
	markURL  = "‹url›"
	markList = "‹list›" // a host or URL of somebody who lists addresses of clients
	markDBL  = "‹dbl›"  // the same for domain names
	markSPF  = "‹spf›"
	markGrey = "‹grey›"
)

// Top-level domains that are taken for one when only one label stands before them. Any other word
// after a dot may be the next sentence: "Relaying denied.Please log in".
const tld = `(?:com|net|org|edu|gov|mil|int|info|biz|arpa|local|lan|localdomain|internal|intranet|corp` +
	`|test|example|invalid|localhost|cloud|online|shop|xyz|club|icu|vip|app|dev|email|[a-z][a-z])`

var (
	urls  = re(`\b(?:https?|ftp)://[^\s"'<>]+|\bwww\.[^\s"'<>]+`)
	hosts = re(`\b(?:[a-z0-9_-]+\.)+(?:` + tld + `|[a-z0-9_-]+\.[a-z]{2,24})\b\.?`)

	// In order: log fields, paths in brackets, mailboxes, bang and percent paths (RFC 5321 C), addresses of hosts.
	names = []name{
		{re(`\brelay=[^\s,;]*(?: ?\[[^\]]*\])?`), ""}, // a field of somebody's log, not a word
		{re(`<\[?\d{1,3}(?:\.\d{1,3}){3}\]?>`), markIP},
		{re(`<[^<>\s‹]*>|<[^<>‹]*@[^<>]*>`), markAddr},
		{re(`"[^"]{0,256}"@[^\s<>(),;:"']+`), markAddr},
		{re(`[^\s<>()\[\],;:"'‹]*@[a-z0-9_\[-]+(?:[.:][a-z0-9_-]+)*\]?`), markAddr},
		{re(`\b[a-z0-9_.-]+\.[a-z]{2,24}![^\s<>]+`), markAddr},
		{re(`\b[^\s<>()‹]+%[a-z0-9_-]+\.[a-z0-9_.-]+`), markAddr},
		{re(`[\[(]*(?:ipv6:)?(?:\b[0-9a-f]{1,4}:|:){2,7}(?::|[0-9a-f]{0,4}:[0-9a-f.]*)[\])]*`), markIP},
		{re(`[\[(]*\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?[\])]*`), markIP},
	}
	// Left once hosts are marked.
	leftovers = []name{
		{re(`[a-z0-9_.-]*(?:‹host›)?‹ip›`), markIP}, // unknown[192.0.2.7]
		{re(`\((?:helo|ehlo)[ =][^\s()]*\)`), ""},   // the name that we gave, repeated
		{re(`\b(?:helo|ehlo|from|to|proto|client|host|name|sender|recipient|rcpt|user)=[^\s‹][^\s]*`), ""},
	}

	listers = regexp.MustCompile(`spamhaus|spamcop|sorbs|barracuda(?:central|networks)|abuseat|uceprotect|dnsbl|\brbl|[.-]rbl` +
		`|black-?(?:list|hole)|block-?list|mailspike|senderscore|returnpath|validity|cloudmark|senderbase|talosintelligence` +
		`|njabl|dsbl|ordb\b|psbl|surriel|spamrats|spamrl|spfbl|invaluement|dronebl|manitu|backscatterer|wpbl|mail-abuse` +
		`|ipcheck\.proofpoint|junkemailfilter|hostkarma|spameatingmonkey|truncate|nixspam|lashback|mxtoolbox|drbl` +
		`|delist|unblock|countries\.nerd|denyip|sender\.office|ip[_-]?(?:check|lookup|remov)`)
	domainListers = regexp.MustCompile(`\bdbl\.|uribl|surbl|rhsbl|query/domain`)
	greyHelp      = regexp.MustCompile(`gr[ea]y-?list|postgrey`)
	spfHelp       = regexp.MustCompile(`openspf|open-spf|spf\.pobox|\bspf\b`)
)

// unname replaces every name in a line of text by its mark.
func unname(s string) string {
	s = urls.replace(s, func(u string) string { return markOf(u, markURL) })
	for _, n := range names {
		s = n.replace(s)
	}
	s = hosts.replace(s, func(h string) string { return markOf(h, markHost) })
	for _, n := range leftovers {
		s = n.replace(s)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "_", " ")), " ")
}

func (n name) replace(s string) string {
	return n.pattern.replace(s, func(string) string { return n.mark })
}

// markOf is the mark for a host or URL: who keeps a list is worth knowing, other names are not.
func markOf(s, otherwise string) string {
	switch {
	case greyHelp.MatchString(s):
		return markGrey
	case domainListers.MatchString(s):
		return markDBL
	case listers.MatchString(s):
		return markList
	case spfHelp.MatchString(s):
		return markSPF
	}
	return otherwise
}
