package fixes_test

import "openrelay/internal/mtatest"

// courierOpen is Courier without its delays, and with that in its files.
func courierOpen(name, lines string, files map[string]string) mtatest.Config {
	return mtatest.Config{Name: name, MTA: "courier", Verdict: mtatest.Open, Lines: "TARPIT=0\n" + lines, Files: files}
}

var courierApplied = []applied{
	{mta: "Courier", vector: "plain", config: "courier-open"},
	{mta: "Courier", vector: "plain", server: courierOpen("courier-open-for-all", "RELAYCLIENT=", nil)},
	{mta: "Courier", vector: "plain-com", server: courierOpen("courier-accepts-com", "", map[string]string{
		"etc/courier/esmtpacceptmailfor": "local.test\n.com\n",
	})},
	{mta: "Courier", vector: "plain-org", server: courierOpen("courier-accepts-org", "", map[string]string{
		"etc/courier/esmtpacceptmailfor.dir/hosted": ".org\n",
	})},
	{mta: "Courier", vector: "percent-own-domain", server: courierOpen("courier-percent", "", map[string]string{
		"etc/courier/esmtppercentrelay": "receiver.test\n",
	})},
	{mta: "Courier", vector: "percent-own-host", server: courierOpen("courier-percent-made", "", map[string]string{
		"etc/courier/esmtppercentrelay.dir/hosted": ".test\n",
	})},
}
