package fixes

// hupQpsmtpd makes both of its servers read their configuration again.
const hupQpsmtpd = `kill -HUP "$(cat /var/run/qpsmtpd/qpsmtpd.pid)"   # or: systemctl restart qpsmtpd`

// qpsmtpdFolder says where the files are that stand in /etc/qpsmtpd on Debian.
const qpsmtpdFolder = "# elsewhere than on Debian: in the folder config of qpsmtpd, or in $QPSMTPD_CONFIG\n"

var qpsmtpd = []Fix{
	{
		MTAs: []string{"qpsmtpd"}, Vectors: []string{"plain"},
		Cause:  "qpsmtpd takes this client for one of its own. Usually relayclients holds a prefix or a network that is too wide, or the address of a gateway or a proxy. Else morerelayclients.cdb does, or RELAYCLIENT is set in the rules of a tcpserver in front.",
		Change: "List hosts in relayclients, and no prefixes or networks.",
		Users:  "Programs and devices whose addresses are no longer listed can send to your own domains only, until they log in.",
		Ways: []Way{{
			Look: qpsmtpdFolder + `grep -nv '^#' /etc/qpsmtpd/relayclients
ls -l /etc/qpsmtpd/*relayclients*; grep -sn RELAYCLIENT /etc/tcp.smtp || true`,
			Steps: []Step{{Run: `sed -i -E 's/^ *[^ #].*([.:]|\/[0-9]+) *$/#&/' /etc/qpsmtpd/relayclients
printf '\n%s\n' 127.0.0.1 192.0.2.10 >>/etc/qpsmtpd/relayclients`}},
			Load: hupQpsmtpd,
			Ref:  "qpsmtpd, plugin relay, relayclients",
			Run:  "qpsmtpd 0.94 of Debian 12, before Postfix 3.7",
		}},
	},
	{
		MTAs: []string{"qpsmtpd"}, Vectors: topDomains,
		Cause:  "Usually rcpthosts, or a file that it includes, holds a line with a dot and a top-level domain, which stands for everything below.",
		Change: "List whole domains there.",
		Users:  "Mail for a domain that you take mail for and that is not in the list is refused.",
		Ways: []Way{{
			Look:  qpsmtpdFolder + `grep -n . /etc/qpsmtpd/*rcpthosts`,
			Steps: []Step{{Run: `sed -i -E 's/^ *\.[^.]*$/#&/' /etc/qpsmtpd/*rcpthosts`}},
			Load:  hupQpsmtpd,
			Ref:   "qpsmtpd, docs/config.pod, rcpthosts",
			Run:   "qpsmtpd 0.94 of Debian 12, before Postfix 3.7",
		}},
	},
	{
		MTAs: []string{"qpsmtpd"}, Vectors: localForms,
		Cause:  "qpsmtpd looks at the domain only, and accepts. The server behind it usually trusts it, and turns the local part into a foreign address: Postfix does so for %, ! and a quoted @.",
		Change: "Refuse such local parts with the plugin badrcptto, which must stand above rcpt_ok.",
		Users:  "Nobody outside can write to an address with %, ! or @ in its local part. Clients that may relay still can.",
		Ways: []Way{{
			Look: qpsmtpdFolder + `grep -nE '^(check_)?badrcptto|^rcpt_|^queue' /etc/qpsmtpd/plugins`,
			Steps: []Step{
				{Run: `grep -qE '^(check_)?badrcptto' /etc/qpsmtpd/plugins ||
  sed -i '/^rcpt_ok/i badrcptto' /etc/qpsmtpd/plugins`},
				{Run: `printf '\n%s\n' '[%!]' '@.*@' >>/etc/qpsmtpd/badrcptto   # patterns`},
			},
			Load: hupQpsmtpd,
			Ref:  "qpsmtpd, plugin badrcptto, PATTERNS",
			Run:  "qpsmtpd 0.94 of Debian 12, before Postfix 3.7",
		}},
	},
}
