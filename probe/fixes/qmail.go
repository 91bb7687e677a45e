package fixes

var qmailFamily = []string{"qmail", "IndiMail"}

// inControl runs commands among the control files, which IndiMail keeps elsewhere, and nowhere if there are none.
func inControl(commands string) string {
	return "cd /var/qmail/control 2>/dev/null || cd /etc/indimail/control && {\n" + commands + "\n}"
}

// makeRcpthosts writes the list of domains where there is none. A name with nothing behind its colon in
// virtualdomains is an exception, one with nothing before it stands for every domain, and neither is one of ours.
const makeRcpthosts = `{ cat locals || cat me; sed -n 's/:..*//p' virtualdomains; } 2>/dev/null |
  sed 's/.*@//; s/[[:space:]]*$//; /^#/d; /^$/d' | sort -u >rcpthosts.new
[ -e rcpthosts ] || install -m 644 rcpthosts.new rcpthosts
cat rcpthosts   # is every domain that you take mail for in it? Else add it`

var qmail = []Fix{
	{
		MTAs: qmailFamily, Vectors: []string{"plain"},
		Cause:  "Either control/rcpthosts is missing, without which qmail-smtpd relays for everybody, or RELAYCLIENT is set for this client, usually by the rules of tcpserver. In IndiMail the control files relayclients and relaydomains do the same.",
		Change: "Make rcpthosts of all domains in locals and virtualdomains, if it is missing: a list that is there must not be overwritten. Set RELAYCLIENT for your own hosts only.",
		Users:  "Mail for a domain that is not in rcpthosts is refused: add those that you are a backup MX for. Programs and devices whose addresses are not in the rules can send to your own domains only, until they log in. What else the old rules set, such as QMAILQUEUE for a scanner, is off too: write it onto the new ones.",
		Ways: []Way{
			{
				When:  "control/rcpthosts is missing",
				Look:  "ls -l /var/qmail/control /etc/indimail/control   # one of them is there",
				Steps: []Step{{Run: inControl(makeRcpthosts)}},
				Load:  "# nothing to do: qmail-smtpd reads the file in every connection",
				Ref:   "qmail-smtpd(8), rcpthosts; qmail-send(8), locals and virtualdomains; qmail-control(5)",
				Read:  "2026-11-30",
			},
			{
				When: "The rules of tcpserver set RELAYCLIENT for too many",
				Look: `ps axww | grep '[t]cpserver'   # behind -x: the rules, compiled
grep -sn RELAYCLIENT /etc/tcp.smtp /etc/indimail/tcp/tcp.smtp /service/*smtpd*/run`,
				Steps: []Step{{At: "/etc/tcp.smtp", Out: "RELAYCLIENT", Lines: `127.:allow,RELAYCLIENT=""
192.0.2.10:allow,RELAYCLIENT=""`}},
				Load: `tcprules /etc/tcp.smtp.cdb /etc/tcp.smtp.tmp </etc/tcp.smtp
# IndiMail: edit /etc/indimail/tcp/tcp.smtp instead, and load it with: qmailctl cdb`,
				Ref:  "qmail FAQ, Setting up servers; tcprules(1); IndiMail FAQ, tcp.smtp",
				Read: "2026-11-30",
			},
			{
				When: "IndiMail, relayclients or relaydomains lists too many",
				Look: "cd /etc/indimail/control && grep -sn . relayclients relaydomains",
				Steps: []Step{
					{At: "/etc/indimail/control/relayclients", Out: `\.:`, Lines: "192.0.2.10:"},
					{Run: "cd /etc/indimail/control && mv relaydomains off.relaydomains"},
				},
				Ref:  "IndiMail, qmail-smtpd(8), relayclients and relaydomains",
				Read: "2026-11-30",
			},
		},
	},
	{
		MTAs: qmailFamily, Vectors: topDomains,
		Cause:  "Usually control/rcpthosts or morercpthosts holds a line with a dot and a top-level domain, which stands for everything below.",
		Change: "List whole domains there.",
		Users:  "Mail for a domain that you take mail for and that is not in the list is refused.",
		Ways: []Way{{
			Look: "grep -sn '^[.]' /var/qmail/control/*rcpthosts /etc/indimail/control/*rcpthosts",
			Steps: []Step{{Run: inControl("for f in rcpthosts morercpthosts; do " +
				`[ ! -e $f ] || sed -i.before '/^\.[^.]*$/d' $f; done`)}},
			Load: inControl("[ ! -e morercpthosts ] || /var/qmail/bin/qmail-newmrh   # IndiMail: qmail-cdb morercpthosts"),
			Ref:  "qmail-smtpd(8), rcpthosts and morercpthosts; IndiMail, qmail-cdb(8)",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: qmailFamily, Vectors: ownSenders,
		Cause:  "qmail-smtpd relays by the sender's address: usually control/relaymailfrom lists it, which IndiMail and patches for qmail know. Anybody can write that address.",
		Change: "Put the file away, in all its forms.",
		Users:  "Users who send from outside log in. Devices that cannot log in get RELAYCLIENT by their address.",
		Ways: []Way{{
			Look:  "ls -l /var/qmail/control/relaymailfrom* /etc/indimail/control/relaymailfrom*",
			Steps: []Step{{Run: inControl(`for f in relaymailfrom*; do mv "$f" "off.$f"; done`)}},
			Load:  "# nothing to do: qmail-smtpd reads the file in every connection",
			Ref:   "IndiMail, qmail-smtpd(8), relaymailfrom",
			Read:  "2026-11-30",
		}},
	},
	{
		MTAs: qmailFamily, Vectors: []string{"percent-*"},
		Cause:  "qmail-smtpd usually knows no users, and accepts every local part in your domains. Only where control/percenthack names the domain does qmail-send turn user%domain into user@domain afterwards, and send the mail on.",
		Change: "Put the file away, if it is there, and restart qmail-send, which reads it only when it starts. qmail-smtpd accepts the address all the same, but qmail-send no longer sends the mail on.",
		Users:  "Mail that is still addressed with a percent sign comes back. Its senders must use the real address.",
		Ways: []Way{{
			Look:  "grep -sn . /var/qmail/control/percenthack /etc/indimail/control/percenthack",
			Steps: []Step{{Run: inControl("mv percenthack off.percenthack")}},
			Load: `svc -t /service/qmail-send   # IndiMail: svc -t /service/qmail-send.*
# without daemontools: stop qmail-send with a TERM signal, and start it again`,
			Ref:  "qmail-send(8), percenthack; IndiMail, qmailctl(8)",
			Read: "2026-11-30",
		}},
	},
	{
		MTAs: qmailFamily, Vectors: []string{"auth-any"},
		Cause:  "qmail-smtpd asks a program about the password, and the one it was given always says yes. With the AUTH patch that is usually /bin/true, because the host name is missing before the password checker. In IndiMail it is a last program that does not always fail.",
		Change: "Put the arguments of qmail-smtpd right.",
		Users:  "Only users with a right password can log in, and with wrong arguments nobody can. Look first that the password checker knows them all.",
		Ways: []Way{
			{
				When: "qmail with the AUTH patch",
				Look: "grep -n -A9 qmail-smtpd /service/qmail-smtpd/run",
				Steps: []Step{{At: "/service/qmail-smtpd/run", Lines: `# behind qmail-smtpd: a host name, the password checker, and then /bin/true. There is no host
# name where qmail-smtpd(8) has "[ checkprogram subprogram ]", as in s/qmail
qmail-smtpd mx.example.org /home/vpopmail/bin/vchkpw /bin/true`}},
				Load: "svc -t /service/qmail-smtpd",
				Ref:  "README.auth of the patch qmail-smtpd-auth; s/qmail, qmail-smtpd(8)",
				Read: "2026-11-30",
			},
			{
				When:  "IndiMail",
				Look:  "grep -n -A9 qmail-smtpd /service/qmail-smtpd.*/run",
				Steps: []Step{{Run: "sed -i 's,/bin/true,/bin/false,' /service/qmail-smtpd.*/run"}},
				Load:  "svc -t /service/qmail-smtpd.*",
				Ref:   "IndiMail, qmail-smtpd(8), checkprogram and falsepgm",
				Read:  "2026-11-30",
			},
		},
	},
}
