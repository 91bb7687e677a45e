package fixes

var qmail = []Fix{
	{
		MTAs: qmailFamily, Vectors: []string{"plain"},
		Cause:  "RELAYCLIENT is set for this client in the rules of tcpserver, or control/rcpthosts is missing: without that file qmail relays for everybody.",
		Change: "Write the domains you take mail for into rcpthosts, and set RELAYCLIENT for your own hosts only.",
		Ways: []Way{{Steps: []Step{{Run: `cat /var/qmail/control/rcpthosts; grep -n RELAYCLIENT /etc/tcp.smtp
echo example.org > /var/qmail/control/rcpthosts
# /etc/tcp.smtp
127.:allow,RELAYCLIENT=""
192.0.2.10:allow,RELAYCLIENT=""
:allow
# then
tcprules /etc/tcp.smtp.cdb /etc/tcp.smtp.tmp < /etc/tcp.smtp`}}, Ref: "qmail-smtpd(8), rcpthosts and RELAYCLIENT"}},
	},
	{
		MTAs: qmailFamily, Vectors: topDomains,
		Cause:  "control/rcpthosts holds a line with a dot and a top-level domain, which stands for everything below.",
		Change: "List whole domains there.",
		Ways:   []Way{{Steps: []Step{{Run: "grep -n '^[.]' /var/qmail/control/rcpthosts"}}, Ref: "qmail-smtpd(8), rcpthosts"}},
	},
	{
		MTAs: qmailFamily, Vectors: ownSenders,
		Cause:  "A patch that relays by the sender's address is built in, such as relaymailfrom. Anybody can write that address.",
		Change: "Remove the patch's control file. Users who send from outside log in.",
		Ways:   []Way{{Steps: []Step{{Run: "ls -l /var/qmail/control/relaymailfrom"}}}},
	},
	{
		MTAs: qmailFamily, Vectors: []string{"percent-*"},
		Cause:  "control/percenthack names this domain, so that qmail-send turns % into @ after the recipient check.",
		Change: "Remove the file, and restart qmail-send.",
		Ways:   []Way{{Steps: []Step{{Run: "rm /var/qmail/control/percenthack"}}, Ref: "qmail-send(8), percenthack"}},
	},
	{
		MTAs: qmailFamily, Vectors: []string{"auth-any"},
		Cause:  "The AUTH patch asks a program about the password, and the one it was given always says yes. The usual slip is a missing argument on the command line of qmail-smtpd, which makes /bin/true the judge.",
		Change: "Look at the arguments of qmail-smtpd: where the patch wants a host name first, the password checker comes second and /bin/true last.",
	},
}

var qmailFamily = []string{"qmail", "IndiMail"}
