package bounce

import (
	"regexp"
	"slices"
	"strings"

	"openrelay/probe/phrasebook"
)

// Subject is what a refusal is about, for the person whose mail came back.
type Subject struct {
	ID      string
	Meaning phrasebook.Meaning // the meaning of the reply; "" for any
	Pattern *regexp.Regexp     // on the reply in lower case; nil for any
	About   string             // completes "this is about …"
	WayOut  string             // what to do
	Example string             // a reply it is the first to match
}

// BlockListed is the subject of a refusal because of a block list.
const BlockListed = "block-list"

func about(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// Subjects are what refusals are about, in the order they are tried. The last has every rest.
var Subjects = []Subject{
	{BlockListed, phrasebook.ClientBlocked, blockListWords, "a block list", "Look the entry up and find what caused it before you ask for removal; an entry removed too early comes back.", "554 5.7.1 Client host [203.0.113.9] blocked using bl.example.net"},
	{BlockListed, phrasebook.SenderRejected, blockListWords, "a block list", "Look the entry up and find what caused it before you ask for removal; an entry removed too early comes back.", "550 5.7.1 Sender domain example.org is on our blocklist"},
	{BlockListed, phrasebook.ContentRejected, blockListWords, "a block list", "Look the entry up and find what caused it before you ask for removal; an entry removed too early comes back.", "550 5.7.1 Message contains a URL that is blacklisted"},

	{"reverse-dns", phrasebook.ClientBlocked, about(`\bptr\b|reverse|\br-?dns\b|host ?name|resolv|look ?up|unknown host|\b5\.7\.25\b|name service`), "the name of your address in DNS", "Give the sending address a PTR record whose name has that address (dig -x ADDRESS, then dig NAME A); the owner of the network sets it.", "450 4.7.25 Client host rejected: cannot find your hostname, [203.0.113.9]"},
	{"reverse-dns", "", about(`\brelay\w*\b.*(?:\bptr\b|reverse|\br-?dns\b|ip name)`), "the name of your address in DNS", "Give the sending address a PTR record whose name has that address (dig -x ADDRESS, then dig NAME A); the owner of the network sets it.", "550 5.7.1 <u@example.net>... Relaying denied. IP name lookup failed [203.0.113.9]"},
	{"dynamic-address", phrasebook.ClientBlocked, about(`dynamic|dial-?up|residential|generic|directly to|service provider`), "an address that looks like a home or dial-up line", "Send through the mail server of your provider, or ask the provider for a fixed address with a name of your own in DNS.", "550 5.7.1 dynamic IP addresses may not send mail here, use your provider's server"},
	{"reputation", phrasebook.ClientBlocked, nil, "the receiver's own opinion of your address", "No list is named, so there is none to be removed from: read the page the reply names, write to the receiver's postmaster, and look for what your address sent.", "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation."},

	{"authentication", phrasebook.SenderRejected, about(`\bspf\b|\bdkim\b|\bdmarc\b|unauthenticated|authentic|\b5\.7\.(?:2[0-36]|515)\b|sender policy|alignment`), "SPF, DKIM or DMARC", "The sending server is not among those the sender's domain allows, or did not sign. Mend the domain's SPF record (dig TXT DOMAIN) and DKIM, or send through a server that is in them.", "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy."},
	{"sender", phrasebook.SenderRejected, nil, "the sender's address or domain", "Check that the sender's address and domain exist, take mail (dig DOMAIN MX) and are allowed to be used there.", "550 5.1.8 <s@example.org>: Sender address rejected: Domain not found"},

	{"mailbox-full", "", about(`\b[45]\.2\.2\b|quota|(?:mailbox|inbox|account)[^.]{0,30}\bfull\b|out of storage`), "a mailbox that is full", "The recipient must make room. Reach him in another way, and send again later.", "452 4.2.2 The email account that you tried to reach is over quota."},
	{"connection", "", about(`^(?:[^0-9].*)?(?:connection (?:timed out|refused|reset|died)|no route to host|network is unreachable|timed? ?out|lost connection|could not connect|wasn.t able to establish an smtp connection|all (?:relevant mx|hosts)|host (?:is )?unreachable)`), "a server that could not be reached", "No SMTP reply came: the server was down, a firewall dropped the packets, or your network blocks port 25. Try it by hand: openrelay scan HOST.", "connect to mx.example.net[192.0.2.1]:25: Connection timed out"},
	{"loop", "", about(`\bloops? back|mail loop|too many hops|hop count|routing loop|\b[45]\.4\.6\b`), "mail that goes round in a circle", "A server sends the mail back to one that had it before. Check the MX records of the recipient's domain and the list of local domains of both servers.", "554 5.4.6 Too many hops"},
	{"recipient-domain", phrasebook.RecipientDomainRejected, nil, "the recipient's domain", "The domain is misspelt, does not exist, or takes no mail: dig DOMAIN MX.", "556 5.1.10 <u@example.net>: Recipient address rejected: Domain example.net does not accept mail (nullMX)"},
	{"recipient-domain", "", about(`^(?:[^0-9].*)?(?:host or domain name not found|host (?:not found|unknown)|couldn't find any host|no such domain|unroute?able|name service error|domain not found|unknown host)`), "the recipient's domain", "The domain is misspelt, does not exist, or takes no mail: dig DOMAIN MX.", "Sorry, I couldn't find any host named example.net. (#5.1.2)"},
	{"recipient", phrasebook.RecipientUnknown, nil, "a recipient that is not known there", "Check the address. Where many such bounces come for addresses you wrote to for years, the receiver has changed something.", "550 5.1.1 <u@example.net>: User unknown"},
	{"relaying", phrasebook.RelayDenied, nil, "relaying: the server does not take mail for this domain", "The MX record of the recipient's domain leads to a server that does not know the domain. Its owner must mend one of the two.", "554 5.7.1 <u@example.net>: Relay access denied"},
	{"login", phrasebook.AuthRequired, nil, "a login that the server demands", "The server is one for users (port 587 or 465), or the sending server lacks the password for it.", "530 5.7.0 Authentication required"},
	{"tls", phrasebook.TLSRequired, nil, "encryption that the server demands", "Switch STARTTLS on for outgoing mail.", "530 5.7.0 Must issue a STARTTLS command first"},
	{"greylisting", phrasebook.Greylisted, nil, "greylisting", "A mail server tries again by itself. If it gave up, it tries too seldom or from another address each time.", "450 4.2.0 Greylisted, try again in 300 seconds"},
	{"rate", phrasebook.RateLimited, nil, "too much mail in too short a time", "Send more slowly, and find out whether a machine or an account of yours sends what it should not.", "421 4.7.0 Error: too much mail from 203.0.113.9"},
	{"helo", phrasebook.HeloRejected, nil, "the name your server gives in HELO", "Let the server say a full name that exists in DNS and leads to its address.", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"},
	{"syntax", phrasebook.Syntax, nil, "a command or an address that the server does not understand", "Check the address for stray characters.", "501 5.1.3 Bad recipient address syntax"},
	{"content", phrasebook.ContentRejected, nil, "the message itself: its size, its content, what it carries", "Send it without attachments and links, or smaller, and ask the receiver's postmaster.", "552 5.3.4 Message size exceeds fixed limit"},
	{"expired", "", about(`\bexpired\b|too long|4\.4\.7|retry time|undeliver\w* for|queue`), "a message that waited too long", "It was tried until the time was up. Find the reason of the attempts in the log of the server that wrote the bounce.", "Message expired"},
	{"temporary", phrasebook.Temporary, nil, "a passing trouble of the receiver", "The server tries again by itself.", "451 4.3.0 Temporary system problem, try again later"},
	{"other", "", nil, "nothing that is known here", "Read the reply, and ask the receiver's postmaster.", "550 No"},
}

// blockListWords are what is said where a list is meant. A list that is named counts as well.
var blockListWords = about(`\b(?:black|block|deny)[ -]?list|\bd?n?s?(?:rbl|dnsbl)s?\b|\bblocked using\b|\bblack ?hole|\blisted (?:in|at|on|by)\b`)

// Find returns the subject of that id.
func Find(id string) (Subject, bool) {
	i := slices.IndexFunc(Subjects, func(s Subject) bool { return s.ID == id })
	if i < 0 {
		return Subject{}, false
	}
	return Subjects[i], true
}

// subjectOf says what a finding is about.
func subjectOf(f *Finding) Subject {
	text := strings.ToLower(strings.Join(strings.Fields(f.Reply), " "))
	if f.Status != "" && !strings.Contains(text, f.Status) {
		text += " " + f.Status
	}
	text = strings.ReplaceAll(text, "not listed", "unlisted")
	bare := pages.ReplaceAllString(text, " ") // what a URL says is not what the server says
	for _, s := range Subjects {
		switch {
		case s.Meaning != "" && s.Meaning != f.Meaning:
		case s.ID == BlockListed && (len(f.Lists) > 0 || s.Pattern.MatchString(text)):
			return s
		case s.ID != BlockListed && (s.Pattern == nil || s.Pattern.MatchString(bare)):
			return s
		}
	}
	return Subjects[len(Subjects)-1]
}
