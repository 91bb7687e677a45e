// Package phrasebook knows how mail servers word their refusals, and how they introduce themselves.
//
// Reply codes do not say why: relaying is refused with 451, 454, 503, 513, 530 and 550 to 571 (RFC
// 5321 3.6.2 recommends 550 and few care), so the words decide. Every wording known is a row of
// [Phrases], every introduction a row of [Banners]; each row carries an example of what it matches,
// and the tests run every row on its own example. To teach it a new wording, add a row. Beside the table stand what an
// enhanced status code says where no words are known, how long a reply asks to wait (delay.go), and what it names as
// its cause (cause.go).
package phrasebook

import (
	"regexp"
	"slices"
	"strings"

	"openrelay/probe/dialogue"
)

// Phrase is one family of wordings and what it means.
type Phrase struct {
	MTA     string   // who says so; "" where many do
	Meaning Meaning  // what it says about relaying
	Pattern *Pattern // matched on the code, a space and the words as plain text makes them
	Stages  []Stage  // where the words mean this; empty is anywhere
	Example string   // a whole reply it matches and no earlier row does
}

// matches reports whether the phrase is what a server said at this stage.
func (p *Phrase) matches(stage Stage, text *subject) bool {
	return (len(p.Stages) == 0 || slices.Contains(p.Stages, stage)) && p.Pattern.match(text)
}

// Lookup says what a reply at a stage of the dialogue means, and which phrase told so. The phrase is
// nil where the code alone decided: what is positive was accepted, whatever the words say.
func Lookup(stage Stage, r dialogue.Reply) (Meaning, *Phrase) {
	if r.Positive() {
		return Accepted, nil
	}
	return read(stage, r, plain(r))
}

// read finds the meaning of a refusal, whose words are text.
func read(stage Stage, r dialogue.Reply, text string) (Meaning, *Phrase) {
	words := newSubject(text)
	for i := range Phrases {
		if Phrases[i].matches(stage, words) {
			p := &Phrases[i]
			if willPass(p.Meaning, r, words) {
				return Temporary, p
			}
			return settle(p.Meaning, stage, r), p
		}
	}
	if m, ok := enhanced[status(r)]; ok {
		return settle(m, stage, r), nil
	}
	if ofForm.match(words) && !bareRefusal.match(words) {
		return Syntax, nil
	}
	return settle(RefusedOther, stage, r), nil
}

// A code that finds fault with a command or its arguments (RFC 5321 4.2.3) says so where the words do
// not, unless they are those of a refusal.
var (
	ofForm      = re(`^(?:50[0-4]|555) `)
	bareRefusal = re(`reject|denied|refus|block|prohibit|polic|administrat|go away|not (?:welcome|accepted|authori[sz]ed)`)
)

// settle fits a meaning to where and how firmly it was said. Before RCPT no recipient is known: an address or
// domain found wanting at MAIL is the sender's, at HELO the name we gave, in the banner nobody's. A refusal that
// names no reason is temporary or final as its code says (RFC 5321 4.2.1); no reply at all is worth another try.
func settle(m Meaning, stage Stage, r dialogue.Reply) Meaning {
	instead, early := insteadOfRecipient[stage]
	switch {
	case early && (m == RecipientUnknown || m == RecipientDomainRejected):
		return settle(instead, stage, r)
	case m == RateLimited && status(r) == "2.2": // a quota, and the mailbox is full
		return settle(RecipientUnknown, stage, r)
	case m == RefusedOther && (r.Temporary() || r.Code == 0):
		return Temporary
	case m == Temporary && r.Code >= 500:
		return RefusedOther
	}
	return m
}

var insteadOfRecipient = map[Stage]Meaning{Banner: RefusedOther, Helo: HeloRejected, Mail: SenderRejected}

// enhanced holds the enhanced status codes that give a reason where the words give none (RFC 3463 3,
// RFC 7372 3, RFC 7505 4). X.7.1 and X.7.0 are absent on purpose: they are used for everything.
var enhanced = map[string]Meaning{
	"1.1": RecipientUnknown, "1.6": RecipientUnknown, "2.2": RecipientUnknown,
	"1.2": RecipientDomainRejected, "1.10": RecipientDomainRejected,
	"1.3": Syntax, "5.1": Syntax, "5.2": Syntax, "5.4": Syntax,
	"1.7": SenderRejected, "1.8": SenderRejected, "7.20": SenderRejected, "7.21": SenderRejected,
	"7.22": SenderRejected, "7.23": SenderRejected, "7.24": SenderRejected, "7.26": SenderRejected,
	"7.27": SenderRejected,
	"7.25": ClientBlocked,
	"2.3":  ContentRejected, "3.4": ContentRejected, "6.0": ContentRejected, "6.1": ContentRejected,
	"6.2": ContentRejected, "6.3": ContentRejected,
	"5.3":  RateLimited,
	"7.10": TLSRequired, "7.11": TLSRequired,
}

var lateStatus = regexp.MustCompile(`\(#[245]\.(\d{1,3}\.\d{1,3})\b`)

// status returns subject and detail of a reply's enhanced status code, "7.1", or "". The qmail family
// puts it last: "553 sorry, ... (#5.7.1)".
func status(r dialogue.Reply) string {
	if e := r.Enhanced(); e != "" {
		return e[2:]
	}
	if m := lateStatus.FindStringSubmatch(cut(r.Text())); m != nil {
		return m[1]
	}
	return ""
}

// cut shortens what a server sent to what is worth reading. An honest reply says why in its first few
// lines (RFC 5321 4.5.3.1.5 allows 512 bytes each), and a dishonest one must not cost more.
func cut(s string) string {
	const enough = 1024
	if len(s) > enough {
		s = s[:enough]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
