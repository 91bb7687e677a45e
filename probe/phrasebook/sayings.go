package phrasebook

import (
	"slices"

	"openrelay/probe/dialogue"
)

// Saying is a wording of one mail server alone, by which it is known where its greeting names nobody.
type Saying struct {
	MTA     string
	Pattern *Pattern // matched on the whole reply, each line with its code
	Example string   // such a reply
}

// Libraries are names that say no more than what a server was made with.
var Libraries = []string{"go-smtp"}

// several is who speaks where a reply has the words of two servers.
const several = "\x00"

// speaker names the server whose own words a reply has.
func speaker(r dialogue.Reply) (mta string) {
	text := newSubject(cut(r.String()))
	for i := range Sayings {
		s := &Sayings[i]
		switch {
		case s.MTA == mta || !s.Pattern.match(text):
		case mta != "":
			return several
		default:
			mta = s.MTA
		}
	}
	return mta
}

// IsLibrary reports whether a name says no more than what a server was made with.
func IsLibrary(mta string) bool { return slices.Contains(Libraries, mta) }

// Sayings are the wordings that are one server's own: no other server of Banners says so in its replies to MAIL, RCPT
// and DATA, unless it has that server inside, or names itself in every session. The patterns take a reply from its code
// to its last word, so that one who quotes the server behind it ("host ... said: 550 ...") is not taken for that server.
//
// What is missing is missing on purpose. The words of Sendmail are those of other servers made from it, "250 2.1.5 Ok"
// of Postfix, "250 Accepted" of Exim and "250 2.1.5 Recipient OK" of Exchange are what libraries and servers of a few lines
// say, and "Relaying denied" is everybody's.
var Sayings = []Saying{
	{"Postfix", re(`^(?:454 4|55\d 5)\.7\.1 <[^<>]*>: Relay access denied$`), "454 4.7.1 <r@example.com>: Relay access denied"},
	{"Postfix", re(`^(?:450 4|550 5)\.1\.1 <[^<>]*>: Recipient address rejected: User unknown in (?:local recipient|virtual mailbox|virtual alias|relay recipient) table$`), "550 5.1.1 <u@example.org>: Recipient address rejected: User unknown in local recipient table"},
	{"Exim", re(`^550 relay not permitted$`), "550 relay not permitted"},
	{"Exim", re(`^550 [Rr]estricted characters in address$`), "550 restricted characters in address"},
	{"Exim", re(`^550[ -]Unrouteable address(?:\n|$)`), "550 Unrouteable address"},
	{"Exim", re(`^503-All RCPT commands were rejected with this error:\n`), "503-All RCPT commands were rejected with this error:\n503-relay not permitted\n503 Valid RCPT command must precede DATA"},
	{"OpenSMTPD", re(`^250 2\.1\.5 Destination address valid: Recipient ok$`), "250 2.1.5 Destination address valid: Recipient ok"},
	{"Courier", re(`^513 Relaying denied\.$`), "513 Relaying denied."},
	{"qmail", re(`^553 sorry, that domain isn't in my list of allowed rcpthosts \(#5\.7\.1\)$`), "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"},
	{"IndiMail", re(`^553 sorry, that domain isn't allowed to be relayed thru this MTA without authentication\b`), "553 sorry, that domain isn't allowed to be relayed thru this MTA without authentication #5.7.1"},
	{"qpsmtpd", re(`^250 <[^<>]*>, sender OK - how exciting to get mail from you!$`), "250 <s@example.net>, sender OK - how exciting to get mail from you!"},
	{"Haraka", re(`^[45]50 I cannot deliver mail for <[^<>]*>$`), "550 I cannot deliver mail for <r@example.com>"},
	{"Haraka", re(`^250 (?:sender|recipient) <[^<>]*> OK$`), "250 recipient <u@example.org> OK"},
	{"maddy", re(`^[45]\d\d [45]\.\d+\.\d+ [^:\n]* \(msg ID = [0-9a-f]{8}\)$`), "550 5.1.1 User doesn't exist (msg ID = 498ffc08)"},
	{"mox", re(`^550 5\.1\.1 not accepting email for (?:domain|ip)\b`), "550 5.1.1 not accepting email for domain (mgFYOlHkoaLDHVCg6h5wcw)"},
	{"chasquid", re(`^503 5\.7\.1 Relay not allowed$`), "503 5.7.1 Relay not allowed"},
	{"Stalwart", re(`^550 5\.1\.2 Relay not allowed\.$`), "550 5.1.2 Relay not allowed."},
	{"KumoMTA", re(`^550 5\.7\.1 relaying not permitted for \S+$`), "550 5.7.1 relaying not permitted for 192.0.2.7:40000"},
	{"James", re(`^550 5\.7\.1 Requested action not taken: relaying denied$`), "550 5.7.1 Requested action not taken: relaying denied"},
	{"hMailServer", re(`^550 Delivery is not allowed to this address\.$`), "550 Delivery is not allowed to this address."},
	{"hMailServer", re(`^530 SMTP authentication is required\.$`), "530 SMTP authentication is required."}, // smtp4dev says so of a message, behind its last line
	{"MailEnable", re(`^503 This mail server requires authentication when attempting to send to a non-local e-mail address\.`), "503 This mail server requires authentication when attempting to send to a non-local e-mail address. Please check your mail client settings."},
	{"SmarterMail", re(`^550 Authentication is required for relay$`), "550 Authentication is required for relay"},
	{"CommuniGate Pro", re(`^250 \S+ will (?:leave the Internet|relay mail for an? )`), "250 r@example.com will leave the Internet"},
	{"Exchange", re(`^550 5\.7\.54 SMTP; Unable to relay recipient in non-accepted domain$`), "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"},
}
