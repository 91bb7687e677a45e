package dnsbl

// When the facts were read. Nothing was asked live for the table: every run tests each zone before it
// believes it.
const (
	read   = "2026-11" // the page that the row names
	roster = "2026-08" // a checker's list that names that page; the zone answered its two tests then
)

// Where the facts of several rows were read, and pages they share.
const (
	spamhausDoc  = "https://docs.spamhaus.com/datasets/docs/source/10-data-type-documentation/datasets/040-zones.html"
	uceprotect   = "https://www.uceprotect.net/en/rblcheck.php"
	spamRATS     = "http://www.spamrats.com/lists.php"
	monkeyLists  = "http://spameatingmonkey.com/lists.html"
	monkeyRemove = "https://spameatingmonkey.com/removal"
)

// The sentences that several rows share.
const (
	trapped   = "sent mail to a spam trap"
	needsKey  = "Spamhaus answers no public or unattributable resolvers: use one of your own, or a key (Data Query Service) with --zones"
	needsRate = "without a contract it answers low volumes only"
)

// Zones lists the block lists that are asked unless the user names others: those believed to be alive,
// of mail and of addresses, that anyone may ask. Lists that have ended (SORBS, NJABL, AHBL, ORDB, DSBL,
// NiX Spam, CBL as a zone of its own, the open relays of nether.net and more) are left out, whitelists
// are no block lists, and parts of a list that has a sum are asked as the sum.
var Zones = []Zone{
	{Zone: "zen.spamhaus.org", Name: "Spamhaus ZEN", Operator: "The Spamhaus Project", Asks: IP4 | IP6, Kind: Accusation,
		Codes: []Code{
			{Addr: "127.0.0.2", Means: "SBL: a spam source, or support for one"},
			{Addr: "127.0.0.3", Means: "SBL CSS: low-reputation mail, found automatically"},
			{Addr: "127.0.0.4-7", Means: "XBL: a compromised or infected machine, or an open proxy"},
			{Addr: "127.0.0.9", Means: "SBL DROP: a network run by or leased to criminals", Kind: Network},
			{Addr: "127.0.0.10", Means: "PBL: its provider says that it should not send mail directly", Kind: Policy},
			{Addr: "127.0.0.11", Means: "PBL: an end user's address by its looks, which should not send mail directly", Kind: Policy},
			{Addr: "127.0.0.30", Means: "BCL: controls a botnet"},
		},
		Lookup: "https://check.spamhaus.org/results?query={}", Delist: "https://check.spamhaus.org/results?query={}",
		Needs: needsKey, Source: spamhausDoc, Date: read},
	{Zone: "dbl.spamhaus.org", Name: "Spamhaus DBL", Operator: "The Spamhaus Project", Asks: Names, Kind: Accusation,
		Codes: []Code{
			{Addr: "127.0.1.2", Means: "a domain of low reputation"},
			{Addr: "127.0.1.4", Means: "phishing"},
			{Addr: "127.0.1.5", Means: "malware"},
			{Addr: "127.0.1.6", Means: "controls a botnet"},
			{Addr: "127.0.1.102", Means: "an honest domain, abused"},
			{Addr: "127.0.1.103", Means: "an honest redirector, abused"},
			{Addr: "127.0.1.104", Means: "an honest domain, abused for phishing"},
			{Addr: "127.0.1.105", Means: "an honest domain, abused for malware"},
			{Addr: "127.0.1.106", Means: "an honest domain, abused to control a botnet"},
			{Addr: "127.0.1.255", Means: "it takes no addresses", Kind: Refusal},
		},
		Test: "dbltest.com", Lookup: "https://check.spamhaus.org/results?query={}", Delist: "https://check.spamhaus.org/results?query={}",
		Needs: needsKey, Source: spamhausDoc, Date: read},

	{Zone: "bl.spamcop.net", Name: "SpamCop", Operator: "Cisco Talos", Asks: IP4, Kind: Accusation,
		Means:  "its users reported spam from there",
		Lookup: "https://www.spamcop.net/bl.shtml", Delist: "https://www.spamcop.net/bl.shtml",
		Source: "https://tamingdns.com/rbl", Date: read},
	{Zone: "b.barracudacentral.org", Name: "Barracuda", Operator: "Barracuda Networks", Asks: IP4, Kind: Accusation,
		Means:  "poor reputation with Barracuda's filters",
		Delist: "https://www.barracudacentral.org/rbl/removal-request",
		Needs:  "Barracuda wants resolvers to be registered first", Source: "https://tamingdns.com/rbl", Date: read},
	{Zone: "psbl.surriel.com", Name: "PSBL", Operator: "Passive Spam Block List", Asks: IP4, Kind: Accusation,
		Means: trapped, Lookup: "https://psbl.org/", Delist: "https://psbl.org/remove", Source: "https://psbl.org/", Date: roster},
	{Zone: "bl.mailspike.net", Name: "Mailspike", Operator: "Mailspike", Asks: IP4, Kind: Accusation,
		Codes: []Code{
			{Addr: "127.0.0.2", Means: "part of a spam wave now"},
			{Addr: "127.0.0.10", Means: "the worst reputation"},
			{Addr: "127.0.0.11", Means: "very bad reputation"},
			{Addr: "127.0.0.12", Means: "bad reputation"},
		},
		Lookup: "https://mailspike.org/iplookup.html", Delist: "https://mailspike.org/iplookup.html",
		Needs: needsRate, Source: "http://mailspike.org/usage.html", Date: read},
	{Zone: "dnsbl.dronebl.org", Name: "DroneBL", Operator: "DroneBL", Asks: IP4, Kind: Accusation,
		Means:  "automated abuse: a bot, an open proxy, a break-in",
		Lookup: "https://dronebl.org/lookup", Delist: "https://dronebl.org/lookup", Source: "https://dronebl.org/docs/howtouse", Date: read},
	{Zone: "bl.blocklist.de", Name: "blocklist.de", Operator: "blocklist.de", Asks: IP4 | IP6, Kind: Accusation,
		Means:  "servers with fail2ban reported attacks from there; ends by itself after 48 hours",
		Delist: "https://www.blocklist.de/en/delist.html", Source: "https://www.blocklist.de/en/index.html", Date: roster},
	{Zone: "all.s5h.net", Name: "s5h.net", Operator: "s5h.net", Asks: IP4 | IP6, Kind: Accusation,
		Means:  "a spam source",
		Lookup: "https://www.usenix.org.uk/content/rbl.html", Delist: "http://www.s5h.net/rblcheck",
		Source: "http://www.s5h.net/rblcheck", Date: read},
	{Zone: "truncate.gbudb.net", Name: "GBUdb Truncate", Operator: "GBUdb", Asks: IP4, Kind: Accusation,
		Means:  "only spam was ever seen from there",
		Delist: "http://www.gbudb.com/truncate/how-ips-are-removed.jsp", Source: "http://www.gbudb.com/truncate/index.jsp", Date: roster},
	{Zone: "bl.0spam.org", Name: "0spam", Operator: "0spam", Asks: IP4, Kind: Accusation,
		Means: trapped, Lookup: "https://0spam.org/", Delist: "https://0spam.org/", Source: "https://0spam.org/", Date: roster},
	{Zone: "rbl.interserver.net", Name: "InterServer", Operator: "InterServer", Asks: IP4, Kind: Accusation,
		Means: trapped + "; ends by itself after 5 days", Lookup: "https://rbl.interserver.net/",
		Delist: "http://rbl.interserver.net/delisting.php", Source: "http://rbl.interserver.net/about.php", Date: read},
	{Zone: "dnsbl.spfbl.net", Name: "SPFBL", Operator: "SPFBL.net", Asks: IP4, Kind: Accusation,
		Codes: []Code{
			{Addr: "127.0.0.2", Means: "recipients complained of spam"},
			{Addr: "127.0.0.3", Means: "suspected, or does not keep to RFC 5321", Kind: Policy},
			{Addr: "127.0.0.4", Means: "no mail server by its looks: a home connection or a NAT", Kind: Policy},
		},
		Lookup: "https://matrix.spfbl.net/", Delist: "https://matrix.spfbl.net/", Source: "https://spfbl.net/en/dnsbl/", Date: roster},
	{Zone: "hostkarma.junkemailfilter.com", Name: "Hostkarma", Operator: "Junk Email Filter", Asks: IP4, Kind: Accusation,
		Codes: []Code{
			{Addr: "127.0.0.1", Means: "white: good mail only", Kind: Neutral},
			{Addr: "127.0.0.2", Means: "black: a spam source"},
			{Addr: "127.0.0.3", Means: "yellow: good mail and spam", Kind: Neutral},
			{Addr: "127.0.0.4", Means: "brown: spam, not enough yet for black"},
			{Addr: "127.0.0.5", Means: "not to be blocked", Kind: Neutral},
		},
		Delist: "https://ipadmin.junkemailfilter.com/remove.php", Source: "https://www.suped.com/learn/blocklists/junk-email-filter-hostkarma-blacklist", Date: read},
	{Zone: "bl.nordspam.com", Name: "NordSpam", Operator: "The NordSpam Project", Asks: IP4 | IP6, Kind: Accusation,
		Means:  "spam or fraud aimed at the Nordic countries and Europe, entered by hand",
		Delist: "https://nordspam.com/", Source: "https://nordspam.com/usage", Date: read},
	{Zone: "dbl.nordspam.com", Name: "NordSpam DBL", Operator: "The NordSpam Project", Asks: Names, Kind: Accusation,
		Means:  "spam or fraud aimed at the Nordic countries and Europe, entered by hand",
		Delist: "https://nordspam.com/", Source: "https://nordspam.com/usage", Date: read},
	{Zone: "bl.suomispam.net", Name: "Suomispam BL", Operator: "Suomispam", Asks: IP4, Kind: Accusation,
		Means: "spam in Finnish, or about Finland", Delist: "https://suomispam.net/", Source: "https://suomispam.net/", Date: read},
	{Zone: "gl.suomispam.net", Name: "Suomispam GL", Operator: "Suomispam", Asks: IP4, Kind: Accusation,
		Means: "spam in Finnish beside other mail: a mark, not meant for refusing", Delist: "https://suomispam.net/", Source: "https://suomispam.net/", Date: read},
	{Zone: "bl.scientificspam.net", Name: "Scientific Spam", Operator: "Scientific Spam", Asks: IP4, Kind: Accusation,
		Means: trapped + " for scientists' addresses", Source: "https://glockapps.com/blacklist/bl-scientificspam-net/", Date: read},
	{Zone: "rhsbl.scientificspam.net", Name: "Scientific Spam RHSBL", Operator: "Scientific Spam", Asks: Names, Kind: Accusation,
		Source: "https://glockapps.com/blacklist/bl-scientificspam-net/", Date: read},
	{Zone: "bl.spameatingmonkey.net", Name: "SEM-BLACK", Operator: "Spam Eating Monkey", Asks: IP4, Kind: Accusation,
		Means:  trapped + ", or was listed by policy",
		Lookup: monkeyRemove, Delist: monkeyRemove, Source: monkeyLists, Date: read},
	{Zone: "bl.ipv6.spameatingmonkey.net", Name: "SEM-IPV6BL", Operator: "Spam Eating Monkey", Asks: IP6, Kind: Accusation,
		Means: trapped + ", from its /64", Lookup: monkeyRemove, Delist: monkeyRemove, Source: monkeyLists, Date: read},
	{Zone: "backscatter.spameatingmonkey.net", Name: "SEM-BACKSCATTER", Operator: "Spam Eating Monkey", Asks: IP4, Kind: Accusation,
		Means:  "bounces mail to forged senders (backscatter); ends by itself after 15 days",
		Lookup: monkeyRemove, Source: monkeyLists, Date: read},
	{Zone: "uribl.spameatingmonkey.net", Name: "SEM-URI", Operator: "Spam Eating Monkey", Asks: Names, Kind: Accusation,
		Means:  "its links were in mail to spam traps; ends by itself after 30 days",
		Lookup: monkeyRemove, Delist: monkeyRemove, Source: monkeyLists, Date: read},
	{Zone: "ips.backscatterer.org", Name: "Backscatterer", Operator: "UCEPROTECT-Network", Asks: IP4, Kind: Accusation,
		Means:  "bounces mail to forged senders (backscatter) or tests senders by callout: no spam; ends by itself after four weeks",
		Lookup: "https://www.backscatterer.org/", Source: "https://glockapps.com/blacklist/ips-backscatterer-org/", Date: read},
	{Zone: "dnsbl-1.uceprotect.net", Name: "UCEPROTECT Level 1", Operator: "UCEPROTECT-Network", Asks: IP4, Kind: Accusation,
		Means: trapped + "; ends by itself after seven days without more", Lookup: uceprotect, Delist: uceprotect, Source: "https://www.uceprotect.net/en/index.php", Date: roster},
	{Zone: "dnsbl-2.uceprotect.net", Name: "UCEPROTECT Level 2", Operator: "UCEPROTECT-Network", Asks: IP4, Kind: Network,
		Means: "too much Level 1 in the range around it", Lookup: uceprotect, Source: "https://www.uceprotect.net/en/index.php", Date: roster},
	{Zone: "dnsbl-3.uceprotect.net", Name: "UCEPROTECT Level 3", Operator: "UCEPROTECT-Network", Asks: IP4, Kind: Network,
		Means: "too much Level 1 in its provider's whole network", Lookup: uceprotect, Source: "https://www.uceprotect.net/en/index.php", Date: roster},
	{Zone: "spam.spamrats.com", Name: "RATS-Spam", Operator: "SpamRATS", Asks: IP4, Kind: Accusation,
		Means: "a spam source", Lookup: "https://www.spamrats.com/lookup.php?ip={}", Source: spamRATS, Date: read},
	{Zone: "dyna.spamrats.com", Name: "RATS-Dyna", Operator: "SpamRATS", Asks: IP4, Kind: Policy,
		Means:  "its reverse DNS looks like an end user's: give it a name of its own",
		Lookup: "https://www.spamrats.com/lookup.php?ip={}", Source: spamRATS, Date: read},
	{Zone: "noptr.spamrats.com", Name: "RATS-NoPtr", Operator: "SpamRATS", Asks: IP4, Kind: Policy,
		Means:  "it has no reverse DNS: give it a name",
		Lookup: "https://www.spamrats.com/lookup.php?ip={}", Source: spamRATS, Date: read},
	{Zone: "bip.virusfree.cz", Name: "VirusFree BIP", Operator: "virusfree.cz", Asks: IP4 | IP6, Kind: Accusation,
		Codes:  []Code{{Addr: "127.0.0.2", Means: "part of a botnet"}},
		Source: "https://github.com/rspamd/rspamd/blob/master/conf/modules.d/rbl.conf", Date: read},
	{Zone: "dnsbl.zapbl.net", Name: "ZapBL", Operator: "ZapBL", Asks: IP4, Kind: Accusation,
		Lookup: "https://zapbl.net/", Source: "https://zapbl.net/", Date: roster},
	{Zone: "dnsrbl.swinog.ch", Name: "SWINOG", Operator: "Swiss Network Operators Group", Asks: IP4, Kind: Accusation,
		Means: trapped, Delist: "https://antispam.imp.ch/", Source: "https://antispam.imp.ch/", Date: roster},
	{Zone: "dnsbl.kempt.net", Name: "Kempt", Operator: "kempt.net", Asks: IP4, Kind: Accusation,
		Lookup: "https://kempt.net/dnsbl/", Source: "https://kempt.net/dnsbl/", Date: roster},
	{Zone: "spamsources.fabel.dk", Name: "Fabel", Operator: "Fabel", Asks: IP4, Kind: Accusation,
		Means: "a spam source", Source: "https://spamsources.fabel.dk/", Date: roster},
	{Zone: "bl.nosolicitado.org", Name: "NoSolicitado", Operator: "NoSolicitado", Asks: IP4, Kind: Accusation,
		Means: trapped, Source: "https://www.nosolicitado.org/", Date: roster},
	{Zone: "mail-abuse.blacklist.jippg.org", Name: "JIPPG", Operator: "Japan IP Providers Protection Group", Asks: IP4, Kind: Accusation,
		Source: "http://www.jippg.org/", Date: roster},
	{Zone: "torexit.dan.me.uk", Name: "Tor exits", Operator: "dan.me.uk", Asks: IP4, Kind: Policy,
		Means: "an exit of the Tor network", Source: "https://www.dan.me.uk/dnsbl", Date: read},

	{Zone: "multi.surbl.org", Name: "SURBL", Operator: "SURBL", Asks: Names, Kind: Accusation, Bits: true,
		Codes: []Code{
			{Addr: "127.0.0.1", Means: "access blocked", Kind: Refusal},
			{Addr: "127.0.0.8", Means: "PH: phishing"},
			{Addr: "127.0.0.16", Means: "MW: malware"},
			{Addr: "127.0.0.64", Means: "ABUSE: its links were in spam"},
			{Addr: "127.0.0.128", Means: "CR: a cracked web site"},
		},
		Test: "surbl-org-permanent-test-point.com", Lookup: "https://surbl.org/", Delist: "https://surbl.org/",
		Source: "https://tamingdns.com/rbl/surbl", Date: read},
	{Zone: "multi.uribl.com", Name: "URIBL", Operator: "URIBL", Asks: Names, Kind: Accusation, Bits: true,
		Codes: []Code{
			{Addr: "127.0.0.1", Means: "query refused: see https://uribl.com/refused.shtml", Kind: Refusal},
			{Addr: "127.0.0.2", Means: "black: a spammer's domain"},
			{Addr: "127.0.0.4", Means: "grey: in bulk mail, perhaps with a way to opt out"},
			{Addr: "127.0.0.8", Means: "red: in mail, very young or of a hidden owner", Kind: Policy},
		},
		Test: "test.uribl.com", Lookup: "https://uribl.com/", Delist: "https://uribl.com/",
		Source: "http://www.uribl.com/about.shtml", Date: read},
}
