package fixes

var courier = []Fix{
	{
		MTAs: []string{"Courier"}, Vectors: []string{"plain"},
		Cause:  "Usually RELAYCLIENT is set for this client: by a line of smtpaccess that covers too much, or in the file esmtpd for everybody, whatever its value. Debian's smtpaccess trusts all of 10 and 192.168, where the gateway of a container often is. Else the recipient's domain, or all below its top-level domain, stands in esmtpacceptmailfor.",
		Change: "Set RELAYCLIENT for your own hosts only, in smtpaccess. Between the columns stands a tab, which printf writes here: a line with spaces counts for nobody, and no error says so.",
		Users:  "Programs and devices whose addresses are not listed can send to your own domains only, until they log in. What else was set on the old lines, which become comments, is off too.",
		Ways: []Way{{
			Look: `courier-config | grep '^sysconfdir='   # if it is not /etc/courier, change the paths below
grep -rn '^[^#]*RELAYCLIENT' /etc/courier/esmtpd* /etc/courier/smtpaccess
grep -rn . /etc/courier/esmtpacceptmailfor /etc/courier/esmtpacceptmailfor.dir   # all yours?`,
			Steps: []Step{
				{Run: `grep -rl '^[^#]*RELAYCLIENT' /etc/courier/esmtpd* /etc/courier/smtpaccess |
  xargs -r sed -i 's/^[^#]*RELAYCLIENT/#&/'`},
				{Run: `printf '%s\tallow,RELAYCLIENT\n' 127.0.0.1 192.0.2.10 \
  :0000:0000:0000:0000:0000:0000:0000:0001 >/etc/courier/smtpaccess/own-hosts`},
			},
			Load: `sh -n /etc/courier/esmtpd && makesmtpaccess && systemctl restart courier-mta
# without this service: esmtpd stop; esmtpd start, and so with esmtpd-msa and esmtpd-ssl`,
			Ref: "makesmtpaccess(8), RELAYCLIENT",
			Run: "Courier 1.0.16 of Debian 12",
		}},
	},
	{
		MTAs: []string{"Courier"}, Vectors: topDomains,
		Cause:  "Usually the file esmtpacceptmailfor, or one in the folder esmtpacceptmailfor.dir, holds a line with a dot and a top-level domain, which stands for everything below.",
		Change: "List whole domains there.",
		Users:  "Mail for a domain that you take mail for and that is not in the list is refused.",
		Ways: []Way{{
			Look: `grep -rn . /etc/courier/esmtpacceptmailfor /etc/courier/esmtpacceptmailfor.dir`,
			Steps: []Step{{Run: `grep -rlx '\.[^.]*' /etc/courier/esmtpacceptmailfor /etc/courier/esmtpacceptmailfor.dir |
  xargs -r sed -i 's/^\.[^.]*$/#&/'`}},
			Load: `makeacceptmailfor   # new connections go by it at once`,
			Ref:  "makeacceptmailfor(8); courier(8), esmtpacceptmailfor",
			Run:  "Courier 1.0.16 of Debian 12",
		}},
	},
	{
		MTAs: []string{"Courier"}, Vectors: []string{"percent-*"},
		Cause:  "Usually the file esmtppercentrelay, or esmtppercentrelay.dir, lists this foreign domain, or a dot and a top-level domain. Then user%domain at one of your own domains is sent on to user@domain.",
		Change: "Empty the list. If you relay for a domain in it, that one belongs into esmtpacceptmailfor.",
		Users:  "Mail that is still addressed with a percent sign is refused. Its senders must use the real address.",
		Ways: []Way{{
			Look: `grep -rn . /etc/courier/esmtppercentrelay /etc/courier/esmtppercentrelay.dir 2>/dev/null || true`,
			Steps: []Step{{Run: `grep -rsl '^[^#]' /etc/courier/esmtppercentrelay /etc/courier/esmtppercentrelay.dir |
  xargs -r sed -i 's/^[^#]/#&/'`}},
			Load: `[ ! -e /etc/courier/esmtppercentrelay.dir ] || makepercentrelay   # new connections go by it`,
			Ref:  "makepercentrelay(8)",
			Run:  "Courier 1.0.16 of Debian 12",
		}},
	},
}
