package fixes

var courier = []Fix{
	{
		MTAs: []string{"Courier"}, Vectors: []string{"plain"},
		Cause:  "RELAYCLIENT is set for this client: by a line of smtpaccess that covers too much, or for the whole server.",
		Change: "Set it for your own hosts only, and run makesmtpaccess. Between the columns stands a tab.",
		Ways: []Way{{Steps: []Step{{Run: `grep -rn RELAYCLIENT /etc/courier
# /etc/courier/smtpaccess/default
127.0.0.1      allow,RELAYCLIENT
192.0.2.10     allow,RELAYCLIENT
# then
makesmtpaccess`}}, Ref: "makesmtpaccess(8); courier(8), RELAYCLIENT"}},
	},
	{
		MTAs: []string{"Courier"}, Vectors: topDomains,
		Cause:  "esmtpacceptmailfor holds a line with a dot and a top-level domain, which stands for everything below.",
		Change: "List whole domains there, and run makeacceptmailfor.",
		Ways: []Way{{Steps: []Step{{Run: `cat /etc/courier/esmtpacceptmailfor.dir/*
# then
makeacceptmailfor`}}, Ref: "makeacceptmailfor(8)"}},
	},
}
