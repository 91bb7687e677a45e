package bounce

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"openrelay/probe/netaddr"
)

// List is a block list as a reply names it.
type List struct {
	Zone   string `json:"zone,omitempty"`   // where it is asked in DNS; "" for what a provider keeps to itself
	Name   string `json:"name"`             // what people call it
	Lookup string `json:"lookup,omitempty"` // where to look an entry up
	Delist string `json:"delist,omitempty"` // where to ask for removal
	Note   string `json:"note,omitempty"`   // what else to know
}

// Named is one way in which replies name a list.
type Named struct {
	List
	Pattern *regexp.Regexp // matched on the reply in lower case
	General bool           // only where no row above with the same first word of the name matched
	Example string
}

const (
	shutDown = "This list has shut down, so the refusal is a mistake of the receiving server: its administrator must take the list out of his configuration."
	private  = "A provider's own list, which cannot be asked in DNS."
)

// Lists are the lists known by more than their zone. Pages are given where there is no zone, since those
// of zones come from the table of zones; the reply itself often names the page as well.
var Lists = []Named{
	{List: List{Zone: "zen.spamhaus.org", Name: "Spamhaus ZEN"}, Pattern: list(`\bzen\.(?:dq\.)?spamhaus\.(?:org|net)|spamhaus[ -]?zen\b`), Example: "blocked using zen.spamhaus.org"},
	{List: List{Zone: "sbl.spamhaus.org", Name: "Spamhaus SBL"}, Pattern: list(`\bsbl(?:-xbl)?\.spamhaus\.org|spamhaus\.org/sbl|\bsbl\d{4,}\b|spamhaus[ -]sbl\b`), Example: "see http://www.spamhaus.org/sbl/query/SBL12345"},
	{List: List{Zone: "xbl.spamhaus.org", Name: "Spamhaus XBL"}, Pattern: list(`\bxbl\.spamhaus\.org|spamhaus\.org/xbl|spamhaus[ -]xbl\b`), Example: "listed at xbl.spamhaus.org"},
	{List: List{Zone: "pbl.spamhaus.org", Name: "Spamhaus PBL"}, Pattern: list(`\bpbl\.spamhaus\.org|spamhaus\.org/pbl|spamhaus[ -]pbl\b`), Example: "http://www.spamhaus.org/pbl/query/PBL123456"},
	{List: List{Zone: "dbl.spamhaus.org", Name: "Spamhaus DBL"}, Pattern: list(`\bdbl\.(?:dq\.)?spamhaus\.(?:org|net)|spamhaus\.org/(?:query/)?(?:dbl|domain)|spamhaus[ -]dbl\b`), Example: "https://www.spamhaus.org/query/domain/example.org"},
	{List: List{Zone: "zen.spamhaus.org", Name: "Spamhaus"}, Pattern: list(`\bspamhaus\b`), General: true, Example: "Client host [203.0.113.9] blocked using Spamhaus"},
	{List: List{Zone: "bl.spamcop.net", Name: "SpamCop"}, Pattern: list(`\bspamcop\b`), Example: "Blocked - see https://www.spamcop.net/bl.shtml?203.0.113.9"},
	{List: List{Zone: "b.barracudacentral.org", Name: "Barracuda Reputation Block List"}, Pattern: list(`barracudacentral\.(?:org|com)|barracuda(?:networks\.com/reputation| reputation)`), Example: "550 permanent failure: blocked using Barracuda Reputation, http://www.barracudanetworks.com/reputation/?ip=203.0.113.9"},
	{List: List{Zone: "dnsbl-1.uceprotect.net", Name: "UCEPROTECT Level 1"}, Pattern: list(`dnsbl-1\.uceprotect\.net|uceprotect[ -]?(?:level )?1\b`), Example: "listed in dnsbl-1.uceprotect.net"},
	{List: List{Zone: "dnsbl-2.uceprotect.net", Name: "UCEPROTECT Level 2"}, Pattern: list(`dnsbl-2\.uceprotect\.net|uceprotect[ -]?(?:level )?2\b`), Example: "listed in dnsbl-2.uceprotect.net"},
	{List: List{Zone: "dnsbl-3.uceprotect.net", Name: "UCEPROTECT Level 3"}, Pattern: list(`dnsbl-3\.uceprotect\.net|uceprotect[ -]?(?:level )?3\b`), Example: "listed in dnsbl-3.uceprotect.net"},
	{List: List{Zone: "dnsbl-1.uceprotect.net", Name: "UCEPROTECT", Note: "The reply does not say which of its three levels."}, Pattern: list(`\buceprotect\b`), General: true, Example: "see http://www.uceprotect.net/rblcheck.php?ipr=203.0.113.9"},
	{List: List{Zone: "psbl.surriel.com", Name: "Passive Spam Block List"}, Pattern: list(`\bpsbl\b|psbl\.(?:surriel\.com|org)`), Example: "Listed in PSBL, see https://psbl.org/listing?ip=203.0.113.9"},
	{List: List{Zone: "bl.mailspike.net", Name: "Mailspike"}, Pattern: list(`\bmailspike\b`), Example: "see https://mailspike.org/anubis/lookup.html"},
	{List: List{Zone: "dnsbl.dronebl.org", Name: "DroneBL"}, Pattern: list(`\bdronebl\b`), Example: "see https://dronebl.org/lookup?ip=203.0.113.9"},
	{List: List{Zone: "all.spamrats.com", Name: "SpamRATS"}, Pattern: list(`\bspamrats\b`), Example: "SPAMRATS IP Addresses See: http://www.spamrats.com/bl?203.0.113.9"},
	{List: List{Zone: "truncate.gbudb.net", Name: "GBUdb Truncate"}, Pattern: list(`\bgbudb\b`), Example: "see http://www.gbudb.com/truncate/"},
	{List: List{Zone: "bl.blocklist.de", Name: "blocklist.de"}, Pattern: list(`\bblocklist\.de\b`), Example: "see http://www.blocklist.de/en/view.html?ip=203.0.113.9"},
	{List: List{Zone: "ips.backscatterer.org", Name: "Backscatterer"}, Pattern: list(`\bbackscatterer\b`), Example: "Sorry 203.0.113.9 is blacklisted at http://www.backscatterer.org/?ip=203.0.113.9"},
	{List: List{Zone: "hostkarma.junkemailfilter.com", Name: "Hostkarma"}, Pattern: list(`\bhostkarma\b|junkemailfilter`), Example: "blocked using hostkarma.junkemailfilter.com"},
	{List: List{Zone: "spamrbl.imp.ch", Name: "SWINOG spamrbl"}, Pattern: list(`\bspamrbl\.imp\.ch`), Example: "blocked using spamrbl.imp.ch"},
	{List: List{Zone: "wormrbl.imp.ch", Name: "SWINOG wormrbl"}, Pattern: list(`\bwormrbl\.imp\.ch`), Example: "blocked using wormrbl.imp.ch"},
	{List: List{Zone: "multi.surbl.org", Name: "SURBL"}, Pattern: list(`\bsurbl\b`), Example: "Message contains a URL listed in multi.surbl.org"},
	{List: List{Zone: "multi.uribl.com", Name: "URIBL"}, Pattern: list(`\buribl\b`), Example: "URL listed, see http://lookup.uribl.com/?domain=example.org"},
	{List: List{Zone: "combined.mail.abusix.zone", Name: "Abusix Mail Intelligence"}, Pattern: list(`\babusix\b`), Example: "see https://lookup.abusix.com/search?q=203.0.113.9"},
	{List: List{Name: "Invaluement", Lookup: "https://www.invaluement.com/lookup/", Delist: "https://www.invaluement.com/removal/"}, Pattern: list(`\binvaluement\b|\bivmsip\b`), Example: "blocked using ivmSIP, see http://www.invaluement.com/lookup/"},
	{List: List{Zone: "dnsbl.sorbs.net", Name: "SORBS", Note: shutDown}, Pattern: list(`\bsorbs\b`), Example: "Currently Sending Spam See: http://www.sorbs.net/lookup.shtml?203.0.113.9"},
	{List: List{Zone: "dnsbl.njabl.org", Name: "NJABL", Note: shutDown}, Pattern: list(`\bnjabl\b`), Example: "blocked using dnsbl.njabl.org"},
	{List: List{Zone: "relays.ordb.org", Name: "ORDB", Note: shutDown}, Pattern: list(`\bordb\b`), Example: "ordb.org was shut down on December 18, 2006"},
	{List: List{Zone: "list.dsbl.org", Name: "DSBL", Note: shutDown}, Pattern: list(`\bdsbl\b`), Example: "http://dsbl.org/listing?203.0.113.9"},
	{List: List{Zone: "dnsbl.ahbl.org", Name: "AHBL", Note: shutDown}, Pattern: list(`\bahbl\b`), Example: "blocked using dnsbl.ahbl.org"},
	{List: List{Zone: "ix.dnsbl.manitu.net", Name: "NiX Spam", Note: shutDown}, Pattern: list(`\bmanitu\b|\bnixspam\b`), Example: "Your e-mail service was detected by mail.ixlab.de (NiX Spam) as spamming, see http://www.dnsbl.manitu.net/lookup.php"},
	{List: List{Zone: "cbl.abuseat.org", Name: "CBL", Note: "The CBL is part of the Spamhaus XBL now; look the address up there."}, Pattern: list(`\babuseat\b`), Example: "Blocked - see http://cbl.abuseat.org/lookup.cgi?ip=203.0.113.9"},

	// What providers keep to themselves.
	{List: List{Name: "Microsoft 365 banned senders", Delist: "https://sender.office.com/", Note: private}, Pattern: list(`sender\.office\.com|delist\.(?:messaging\.)?(?:protection\.outlook|microsoft)\.com|delist@(?:messaging\.)?microsoft\.com|\bbanned send(?:ing|er)`), Example: "550 5.7.606 Access denied, banned sending IP [203.0.113.9]. To request removal from this list please visit https://sender.office.com/"},
	{List: List{Name: "Outlook.com block list", Lookup: "https://sendersupport.olc.protection.outlook.com/snds/", Note: private}, Pattern: list(`network is on our block ?list|\(s3\d{3}\)|mail\.live\.com/mail/troubleshooting`), Example: "550 5.7.1 Unfortunately, messages from [203.0.113.9] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140)."},
	{List: List{Name: "Proofpoint Dynamic Reputation", Lookup: "https://ipcheck.proofpoint.com/", Delist: "https://ipcheck.proofpoint.com/", Note: private}, Pattern: list(`ipcheck\.proofpoint|support\.proofpoint\.com/dnsbl-lookup`), Example: "554 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.9"},
	{List: List{Name: "Cloudmark Sender Intelligence", Lookup: "https://csi.cloudmark.com/en/reset/", Delist: "https://csi.cloudmark.com/en/reset/", Note: private}, Pattern: list(`\bcsi\.cloudmark|cloudmark sender intelligence`), Example: "550 5.7.1 Blocked, see http://csi.cloudmark.com/reset-request/?ip=203.0.113.9"},
	{List: List{Name: "Cisco Talos", Lookup: "https://talosintelligence.com/reputation_center", Note: private}, Pattern: list(`senderbase|talosintelligence`), Example: "554 Your access to this mail system has been rejected, see http://www.senderbase.org/lookup?ip=203.0.113.9"},
	{List: List{Name: "Trend Micro Email Reputation Services", Lookup: "https://servicecentral.trendmicro.com/en-us/ers/ip-lookup/", Note: private}, Pattern: list(`\bers\.trendmicro|\bmail-abuse\.(?:com|org)|trend ?micro (?:rbl|email reputation)`), Example: "550 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using Trend Micro RBL+. Please see http://www.mail-abuse.com/cgi-bin/lookup?ip_address=203.0.113.9"},
	{List: List{Name: "Symantec Email Reputation", Note: private}, Pattern: list(`ipremoval\.sms\.symantec`), Example: "554 5.7.1 You are not allowed to connect, see http://ipremoval.sms.symantec.com/lookup/?ip=203.0.113.9"},
	{List: List{Name: "Validity Sender Score", Lookup: "https://senderscore.org/", Note: private}, Pattern: list(`senderscore|returnpath|sender ?score`), Example: "blocked using bl.score.senderscore.com"},
	{List: List{Name: "spamrl.com", Note: private}, Pattern: list(`\bspamrl\.com`), Example: "550 listed on https://spamrl.com/"},
}

func list(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// byWords finds a list by the way servers word a refusal: what follows is a zone, known or not.
var byWords = regexp.MustCompile(`(?:\b(?:blocked|rejected|denied|refused|black-?listed|listed|found|block-?listed)\s+(?:using|(?:in|on|at|by|via)(?:\s+(?:the\s+)?(?:dnsbl|rbl|black ?list|block ?list|list))?)\s+|\b(?:dnsbl|rbl|black ?hole(?: site| list)?|black ?list|block ?list)[:= ]\s*)["'(\[]?((?:[a-z0-9_-]+\.)+[a-z]{2,24})\b`)

// looksLikeList keeps the words above from taking any host for a list.
var looksLikeList = regexp.MustCompile(`bl\b|bl[.-]|\bbl|black|block|\brbl|spam|abuse|dnsbl|drone|relay`)

// saysList is a wording after which any name is a list's.
var saysList = regexp.MustCompile(`using|rbl|dnsbl|(?:black|block) ?list\b|black ?hole|\blist\b`)

// listsIn names the block lists of a reply: those of the table, those the caller knows, and what the
// wording says is one. Host is the server that spoke.
func listsIn(reply, host string, known []List) []List {
	text := strings.ToLower(strings.Join(strings.Fields(reply), " "))
	var found []List
	operators := map[string]bool{}
	for _, n := range Lists {
		operator, _, _ := strings.Cut(n.Name, " ")
		if n.General && operators[operator] || !n.Pattern.MatchString(text) {
			continue
		}
		operators[operator] = true
		found = add(found, n.List)
	}
	for _, k := range known {
		if k.Zone != "" && namesZone(text, strings.ToLower(k.Zone)) {
			found = add(found, k)
		}
	}
	for _, m := range byWords.FindAllStringSubmatchIndex(text, 5) {
		zone := text[m[2]:m[3]]
		using := saysList.MatchString(text[m[0]:m[2]])
		if strings.EqualFold(zone, host) || !using && !looksLikeList.MatchString(zone) || covered(found, zone) || addressBefore(zone) || strings.HasSuffix(text[:m[0]], "not ") {
			continue
		}
		found = add(found, List{Zone: zone, Name: zone})
	}
	for i := range found {
		if at := slices.IndexFunc(known, func(k List) bool { return found[i].Zone != "" && strings.EqualFold(k.Zone, found[i].Zone) }); at >= 0 {
			found[i].Lookup, found[i].Delist = or(known[at].Lookup, found[i].Lookup), or(known[at].Delist, found[i].Delist)
		}
	}
	return found
}

// add adds a list unless its zone is there already.
func add(found []List, l List) []List {
	if l.Zone != "" && slices.ContainsFunc(found, func(f List) bool { return strings.EqualFold(f.Zone, l.Zone) }) {
		return found
	}
	return append(found, l)
}

// namesZone reports whether text names the zone, or a name below it, as a name of its own.
func namesZone(text, zone string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], zone)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(zone)
		before := at == 0 || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_@", rune(text[at-1]))
		after := strings.TrimLeft(text[end:], ".") // a full stop may end the sentence
		next := len(text) > end && (isNameByte(text[end]) || text[end] == '.' && after != "" && len(after) == len(text)-end-1 && isNameByte(after[0]))
		if before && !next {
			return true
		}
		at = end
	}
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// covered reports whether a name found by words is one of a list found already: below its zone, or its
// operator's.
func covered(found []List, name string) bool {
	return slices.ContainsFunc(found, func(l List) bool {
		return l.Zone != "" && (strings.HasSuffix("."+name, "."+l.Zone) || strings.HasSuffix(l.Zone, "."+name)) ||
			slices.ContainsFunc(Lists, func(n Named) bool { return n.Name == l.Name && n.Pattern.MatchString(name) })
	})
}

// addressBefore reports whether what looks like a zone is an address written as a name.
func addressBefore(zone string) bool {
	_, err := netip.ParseAddr(zone)
	return err == nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var (
	// 9.113.0.203.zen.example.org: the address as it is asked for (RFC 5782 2.1).
	reversed   = regexp.MustCompile(`\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.[a-z][a-z0-9-]*\.[a-z]`)
	listedName = []*regexp.Regexp{
		regexp.MustCompile(`query/(?:domain|dbl)/((?:[a-z0-9_][a-z0-9_-]*\.)+[a-z]{2,24})\b`),
		regexp.MustCompile(`[?&](?:domain|d|url)=((?:[a-z0-9_][a-z0-9_-]*\.)+[a-z]{2,24})\b`),
		regexp.MustCompile(`\b(?:sender address|mailfrom domain|mail ?from|domain|helo command|url|uri|link|hostname?)(?: rejected)?[: ]+[<\[("']*(?:[^\s@<>]*@)?((?:[a-z0-9_][a-z0-9_-]*\.)+[a-z]{2,24})\b[^.]{0,30}?(?:blocked|listed|found)`),
		regexp.MustCompile(`\(((?:[a-z0-9_][a-z0-9_-]*\.)+[a-z]{2,24})\) (?:is )?(?:listed|blocked)`),
	}
)

// accused returns the address a reply says is listed or blocked, or else the domain, "" where it says
// neither. The address of the server that spoke and the codes of lists (RFC 5782 2.3) are not ours.
func accused(f *Finding) string {
	text := strings.ToLower(f.Reply)
	if u, err := url.PathUnescape(text); err == nil {
		text = u // ip=2001%3adb8%3a%3a9
	}
	if m := reversed.FindStringSubmatch(text); m != nil {
		if a, err := netip.ParseAddr(m[4] + "." + m[3] + "." + m[2] + "." + m[1]); err == nil && listable(a, f.Address) {
			return a.String()
		}
	}
	var inner string // of a network behind address translation: better than nothing
	for _, a := range addresses(text) {
		switch {
		case !listable(a, f.Address):
		case netaddr.Public(a):
			return a.String()
		case inner == "":
			inner = a.String()
		}
	}
	for _, re := range listedName {
		if m := re.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return inner
}

// listable reports whether an address may be the one a list holds against us.
func listable(a, host netip.Addr) bool {
	return a != host && !a.IsLoopback() && !a.IsUnspecified() && !a.IsMulticast()
}
