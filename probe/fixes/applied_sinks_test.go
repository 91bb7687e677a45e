package fixes_test

import "openrelay/internal/mtatest"

var sinksApplied = []applied{
	{mta: "aiosmtpd", vector: "plain", when: "a filter in front of Postfix", server: filterBeforePostfix},
	{mta: "aiosmtpd", vector: "percent-own-domain", when: "a filter in front of Postfix", server: filterBeforePostfix},
	{mta: "aiosmtpd", vector: "plain", when: "a program that delivers by itself", server: mtatest.Config{
		Name: "aiosmtpd-program", MTA: "aiosmtpd",
		Files: filter(`from aiosmtpd.handlers import Sink

class Program(Sink):
    """What it does with a message is of no account here."""

Controller(Program(), hostname="{{.IP}}", port={{.Addr.Port}}).start()
`),
	}},
}

// Postfix trusts loopback, and with it the filter that everybody may send to.
var filterBeforePostfix = mtatest.Config{
	Name: "aiosmtpd-before-postfix", MTA: "postfix", With: "aiosmtpd",
	Lines: "mynetworks = 127.0.0.1/32",
	Files: filter(`from aiosmtpd.handlers import Proxy

Controller(Proxy("localhost", 2525), hostname="{{.IP}}", port={{.Addr.Port}}).start()
`),
}

// filter is the files of a program with this code, which runs as the service filter. The servers of a test have one
// address each, which localhost stands for here, and so does smtp in Postfix's list of ports.
func filter(code string) map[string]string {
	return map[string]string{
		"etc/hosts":                 "{{.IP}} mx.local.test mx localhost\n",
		"etc/postfix/master.d/smtp": "localhost:2525  inet  n  -  n  -  -  smtpd\n",
		"usr/local/lib/filter.py":   "import signal\nfrom aiosmtpd.controller import Controller\n" + code + "signal.pause()\n",
		"mta/before": `python3 /usr/local/lib/filter.py &
echo $! >/run/filter.pid
`,
		"mta/restart": `[ ! -e /etc/postfix/master.cf ] || sed -i 's/^smtp  *inet/{{.Addr}} inet/' /etc/postfix/master.cf
pid=$(cat /run/filter.pid)
kill -9 $pid
while [ -e /proc/$pid/fd/0 ]; do sleep 0.1; done
python3 /usr/local/lib/filter.py </dev/null >/proc/1/fd/1 2>&1 &
echo $! >/run/filter.pid
`,
	}
}
