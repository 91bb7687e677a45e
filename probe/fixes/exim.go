package fixes

// The installations of Exim. Debian makes Exim's file out of several, unless there is an exim4.conf.
const (
	eximDebian = "Debian and Ubuntu"
	eximMacros = "Debian and Ubuntu, with the list in exim4.conf.localmacros"
	eximOther  = "Other systems"

	eximUpdates  = "/etc/exim4/update-exim4.conf.conf"
	eximTemplate = "/etc/exim4/exim4.conf.template"
	eximLocal    = "/etc/exim4/exim4.conf.localmacros"
	eximFile     = "/etc/exim/exim.conf"

	eximDebianLook = "exim -bP config_file   # /etc/exim4/exim4.conf: do as on other systems, with that file\n"
	eximSplitLook  = eximDebianLook + eximSplit + "the place is in a file of conf.d\n"
	eximMacrosLook = eximSplit + "the file is conf.d/main/000_localmacros"
	eximSplit      = "grep split /etc/exim4/update-exim4.conf.conf   # 'true': "
	eximOtherLook  = "exim -bP config_file   # the file to edit\n"

	eximDebianLoad = "update-exim4.conf && systemctl reload exim4   # the first checks what it writes"
	eximOtherLoad  = "exim -bV >/dev/null && systemctl reload exim   # the first checks, the second sends HUP"

	eximRun = "Exim 4.96 of Debian 12"
)

var exim = []Fix{
	{
		MTAs: []string{"Exim"}, Vectors: []string{"plain"},
		Cause:  "The list relay_from_hosts takes this client in. Usually it holds * or a network that is too wide; or its last item is negated (!192.0.2.1), and then everybody else matches. On Debian the list is made from dc_relay_nets, with 127.0.0.1 and ::1 added, unless MAIN_RELAY_NETS is set.",
		Change: "List addresses, and end the list in one that is not negated. If the list is right, the session below shows which statement of the ACL accepts: take that out.",
		Users:  "Programs and devices whose addresses are no longer in the list can send to your own domains only, until they log in.",
		Ways: []Way{
			{
				When: eximDebian,
				Look: eximDebianLook + `exim -bP +relay_from_hosts
grep -rn MAIN_RELAY_NETS /etc/exim4   # if it is set, dc_relay_nets is not used
` + eximSession("x", "a@example.com"),
				Steps: []Step{{At: eximUpdates, Out: "^dc_relay_nets=", Lines: "dc_relay_nets='192.0.2.10'"}},
				Load:  eximDebianLoad,
				Ref:   "README.Debian of Exim, Machines to relay mail for; Exim specification, Negated items in lists",
				Run:   eximRun,
			},
			{
				When:  eximMacros,
				Look:  eximDebianLook + eximMacrosLook + "\nexim -bP +relay_from_hosts\n" + eximSession("x", "a@example.com"),
				Steps: []Step{{At: eximLocal, Out: "^MAIN_RELAY_NETS", Lines: "MAIN_RELAY_NETS = <; 127.0.0.1 ; ::1 ; 192.0.2.10"}},
				Load:  eximDebianLoad,
				Ref:   "README.Debian of Exim, Using Exim Macros to control the configuration",
				Run:   eximRun,
			},
			{
				When:  eximOther,
				Look:  eximOtherLook + "exim -bP +relay_from_hosts\n" + eximSession("x", "a@example.com"),
				Steps: []Step{{At: eximFile, Out: "^hostlist +relay_from_hosts", Lines: "hostlist relay_from_hosts = <; 127.0.0.1 ; ::1 ; 192.0.2.10"}},
				Load:  eximOtherLoad,
				Ref:   "Exim specification, The default configuration file; Negated items in lists",
				Run:   eximRun,
			},
		},
	},
	{
		MTAs: []string{"Exim"}, Vectors: topDomains,
		Cause:  "The list relay_to_domains holds a pattern such as *.com. On Debian it is made from dc_relay_domains, unless MAIN_RELAY_TO_DOMAINS is set.",
		Change: "List whole domains, or leave the list empty.",
		Users:  "Mail for a domain that you relay to and that is not in the list is refused.",
		Ways: []Way{
			{
				When: eximDebian,
				Look: eximDebianLook + `exim -bP +relay_to_domains
grep -rn MAIN_RELAY_TO_DOMAINS /etc/exim4   # if it is set, dc_relay_domains is not used`,
				Steps: []Step{{At: eximUpdates, Out: "^dc_relay_domains=", Lines: "dc_relay_domains='example.org:example.net'"}},
				Load:  eximDebianLoad,
				Ref:   "README.Debian of Exim, Domains to relay mail for",
				Run:   eximRun,
			},
			{
				When:  eximMacros,
				Look:  eximDebianLook + eximMacrosLook + "\nexim -bP +relay_to_domains",
				Steps: []Step{{At: eximLocal, Out: "^MAIN_RELAY_TO_DOMAINS", Lines: "MAIN_RELAY_TO_DOMAINS = example.org : example.net"}},
				Load:  eximDebianLoad,
				Ref:   "README.Debian of Exim, Using Exim Macros to control the configuration",
				Run:   eximRun,
			},
			{
				When:  eximOther,
				Look:  eximOtherLook + `exim -bP +relay_to_domains`,
				Steps: []Step{{At: eximFile, Out: "^domainlist +relay_to_domains", Lines: "domainlist relay_to_domains = example.org : example.net"}},
				Load:  eximOtherLoad,
				Ref:   "Exim specification, Domain lists",
				Run:   eximRun,
			},
		},
	},
	{
		MTAs: []string{"Exim"}, Vectors: ownSenders,
		Cause:  "An accept of the recipient ACL goes by the sender, before the relay check is reached: it has a line with senders, or a condition on $sender_address. Anybody can write that sender.",
		Change: eximRelayChange,
		Users:  "Users and programs outside relay_from_hosts that were let through by their sender must log in.",
		Ways:   eximHead(eximRelayCheck, eximSession("x", "user@example.org")),
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"null-sender", "same-domain", "second-recipient", "helo-verb"},
		Cause:  "An accept of the recipient ACL stands before the relay check and is about something else: the null sender (senders = :), a comparison of domains, a count of recipients, the protocol ($received_protocol).",
		Change: eximRelayChange,
		Users:  "What that accept let through to other domains is refused, unless it comes from relay_from_hosts or with a login. Old devices that only say HELO cannot log in: list their addresses.",
		Ways:   eximHead(eximRelayCheck, eximSession("x", "")),
	},
	{
		MTAs: []string{"Exim"}, Vectors: heloNames,
		Cause:  "An accept of the recipient ACL has a condition on $sender_helo_name, before the relay check is reached. Anybody can give that name.",
		Change: eximRelayChange,
		Users:  "Devices and programs that were let through by their HELO name must log in, or be listed in relay_from_hosts.",
		Ways:   eximHead(eximRelayCheck, eximSession("example.org", "a@example.com")),
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"percent-*", "quoted-*", "bang-*"}, // two @ are a syntax error to Exim
		Cause:  "A redirect router turns the local part into an address, or a server behind this one does, and the guard against such local parts is missing from the recipient ACL. On Debian the guard is CHECK_RCPT_LOCAL_LOCALPARTS, which may have been set to less.",
		Change: "Put the guard at the head of the ACL. Then take the router out.",
		Users:  "Mail to users and aliases with @, %, !, / or | in their names is refused.",
		Ways:   eximHead(eximGuard, `exim -bt 'b%example.net@example.org' '"b@example.net"@example.org' | grep -E '@|router ='`),
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"auth-*"},
		Cause:  "An authenticator succeeds whatever it is given: its server_condition is yes, or an expansion that cannot fail. The ACL lets relay whoever has logged in.",
		Change: "Let server_condition ask for the password. An authenticator for ANONYMOUS has none and then fails always: take it out. These lines are for PLAIN; for LOGIN write $auth1 for $auth2, and $auth2 for $auth3.",
		Users:  "Users can log in with the names and passwords of the file only. Each of its lines is a name, a colon, and what crypt(3) makes of the password.",
		Ways: []Way{
			{
				When: eximDebian,
				Look: eximSplitLook + `exim -bP authenticators | grep -E 'public_name|server_condition'`,
				Steps: []Step{
					{Run: `[ -e /etc/exim4/passwd ] || install -m 640 -g Debian-exim /dev/null /etc/exim4/passwd`},
					{At: eximTemplate, Out: eximAlways, Lines: eximPassword("/etc/exim4/passwd")},
				},
				Load: eximDebianLoad,
				Ref:  "Exim specification, The plaintext authenticator; README.Debian of Exim, SMTP-AUTH",
				Run:  eximRun,
			},
			{
				When: eximOther,
				Look: eximOtherLook + `exim -bP authenticators | grep -E 'public_name|server_condition'
exim -bP exim_user exim_group   # who must be able to read the file of passwords, and nobody else`,
				Steps: []Step{
					{Run: `[ -e /etc/exim/passwd ] ||
  install -m 640 -g "$(exim -n -bP exim_group)" /dev/null /etc/exim/passwd`},
					{At: eximFile, Out: eximAlways, Lines: eximPassword("/etc/exim/passwd")},
				},
				Load: eximOtherLoad,
				Ref:  "Exim specification, The plaintext authenticator",
				Run:  eximRun,
			},
		},
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"xclient-*"},
		Cause:  "hosts_xclient takes this client in. Whoever may use XCLIENT can say that he is a trusted host, or that he has logged in. Only an Exim that was built with EXPERIMENTAL_XCLIENT has the option; 4.96 and older have not.",
		Change: "Take the option out, or list the addresses of your own proxies.",
		Users:  "A proxy or a filter in front that is not listed can no longer say who its client is.",
		Ways: []Way{{
			Look:  "exim -bP config_file hosts_xclient",
			Steps: []Step{{At: eximFile, Out: "^ *hosts_xclient", Lines: "hosts_xclient = 10.0.0.5"}},
			Load:  eximOtherLoad,
			Ref:   "Exim source, src/src/xclient.c",
			Read:  "2026-11-30",
		}},
	},
	{
		MTAs: []string{"Exim"}, Vectors: []string{"proxy-*"},
		Cause:  "hosts_proxy takes this client in, so that Exim believes its PROXY header. Of Debian's packages exim4-daemon-heavy has the option.",
		Change: "List the addresses of your own proxies, and nothing wider.",
		Users:  "Clients that come past the proxy are served too, without a header. A proxy that is not listed gets no mail through.",
		Ways: []Way{
			{
				When:  eximDebian,
				Look:  eximDebianLook + eximMacrosLook + "\n" + `exim -bP hosts_proxy; grep -rn hosts_proxy /etc/exim4`,
				Steps: []Step{{At: eximLocal, Out: "^ *hosts_proxy", Lines: "hosts_proxy = 10.0.0.5"}},
				Load:  eximDebianLoad,
				Ref:   "Exim specification, Inbound proxies",
				Run:   eximRun,
			},
			{
				When:  eximOther,
				Look:  eximOtherLook + `exim -bP hosts_proxy`,
				Steps: []Step{{At: eximFile, Out: "^ *hosts_proxy", Lines: "hosts_proxy = 10.0.0.5"}},
				Load:  eximOtherLoad,
				Ref:   "Exim specification, Inbound proxies",
				Run:   eximRun,
			},
		},
	},
}

// What rows put at the head of the recipient ACL: nothing behind it is asked about what it denies.
const (
	eximRelayChange = "Put a relay check at the head of the ACL: then nothing behind it accepts for other domains. Name in it all lists of domains that you take mail for, as your configuration calls them: mail for a domain in none of them is refused, and the name of a list that does not exist defers mail. After that take the accept out, or leave it to mail for your own domains."
	eximRelayCheck  = `  # the names are those of your lists: +virtual_domains may belong there, too
  deny    message        = relay not permitted
          !hosts         = : +relay_from_hosts
          !authenticated = *
          !domains       = +local_domains : +relay_to_domains`
	eximGuard = `  # the names are those of your lists: +virtual_domains may belong there, too
  deny    message     = restricted characters in address
          domains     = +local_domains : +relay_to_domains
          local_parts = ^.*[@%!/|]`
)

// eximHead puts a statement there.
func eximHead(statement, look string) []Way {
	way := Way{Ref: "Exim specification, Access control lists; The default configuration file", Run: eximRun}
	debian, other := way, way
	look = "exim -bP acl_smtp_rcpt   # the name of the ACL\n" +
		"exim -bP config | grep -E '^ *(domain|host)list'   # the names of the lists\n" + look
	debian.When, debian.Look, debian.Load = eximDebian, eximSplitLook+look, eximDebianLoad
	debian.Steps = []Step{{At: eximTemplate, Below: eximACL, Lines: statement}}
	other.When, other.Look, other.Load = eximOther, eximOtherLook+look, eximOtherLoad
	other.Steps = []Step{{At: eximFile, Below: eximACL, Lines: statement}}
	return []Way{debian, other}
}

const eximACL = "^acl_check_rcpt:"

// eximSession shows what Exim would answer a stranger, and by which lines of its ACL.
func eximSession(helo, from string) string {
	return "printf '%s\\n' 'helo " + helo + "' 'mail from:<" + from + ">' 'rcpt to:<b@example.net>' quit |\n" +
		"exim -bh 203.0.113.9 2>&1 | grep -E 'processing|check|ACL'   # or the client's address"
}

// eximAlways finds a condition that is always true, eximPassword is one that is true for a right password.
const eximAlways = "^ *server_condition *= *(yes|true|1) *$"

func eximPassword(file string) string {
	return `  server_condition = ${if crypteq{$auth3}{${extract{1}{:}\
    {${lookup{$auth2}lsearch{` + file + `}{$value}{*:*}}}}}}`
}
