package targets

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// namedBy is what the sample of each row of ListForms names.
var namedBy = map[string][]string{
	"nmap -oX":    {"192.0.2.25:25"},
	"nmap -oN":    {"192.0.2.25:25", "192.0.2.25:587", "192.0.2.26:465"},
	"nmap -oG":    {"192.0.2.25:25", "192.0.2.25:587"},
	"masscan":     {"192.0.2.25:25", "192.0.2.26:587"},
	"masscan -oL": {"192.0.2.25:25", "192.0.2.26:587"},
	"masscan -oG": {"192.0.2.25:25", "192.0.2.26:587"},
	"masscan -oJ": {"192.0.2.25:25", "192.0.2.26:587"},
	"masscan -oD": {"192.0.2.25:25", "192.0.2.26:587"},
	"rustscan -g": {"192.0.2.25:25", "192.0.2.25:587", "[2001:db8::25]:25"},
	"openrelay jsonl": {"192.0.2.25:25 named optional", "192.0.2.25:465 named optional", "192.0.2.25:587 named optional",
		"198.51.100.7:2525", "203.0.113.9:25 name=backup.example.org named"},
	"JSON": {"192.0.2.25:25", "192.0.2.26:587", "192.0.2.27:25 domain=example.net optional",
		"203.0.113.9:25 name=backup.example.org named", "203.0.113.9:2525 name=backup.example.org named"},
	"zmap": {"192.0.2.25:25", "[2001:db8::25]:25"},
	"CSV with a header": {"192.0.2.25:25 domain=example.org named", "192.0.2.25:587 domain=example.org named", "198.51.100.0:2525", "198.51.100.1:2525",
		"203.0.113.27:25 name=mx2.example.net named optional", "203.0.113.27:465 name=mx2.example.net named optional", "203.0.113.27:587 name=mx2.example.net named optional"},
	"zgrab2": {"192.0.2.25:25 domain=example.org named optional", "192.0.2.25:465 domain=example.org named optional", "192.0.2.25:587 domain=example.org named optional",
		"192.0.2.26:25 domain=example.net named optional", "192.0.2.26:465 domain=example.net named optional", "192.0.2.26:587 domain=example.net named optional",
		"198.51.100.0:25 optional", "198.51.100.1:25 optional",
		"203.0.113.26:25 name=mail.example.com named optional", "203.0.113.26:465 name=mail.example.com named optional", "203.0.113.26:587 name=mail.example.com named optional"},
	"CSV without a header": {"192.0.2.25:25 named", "198.51.100.0:25 optional", "198.51.100.1:25 optional",
		"203.0.113.25:465 name=mail.example.org named", "203.0.113.25:587 name=mail.example.org named"},
	"one per line": nil, // see TestPlainLists
}

var sampleZone = zone{hosts: map[string]string{"backup.example.org": "203.0.113.9", "mail.example.org": "203.0.113.25", "mail.example.com": "203.0.113.26", "mx2.example.net": "203.0.113.27"}}

// targetsOf walks what a list names: a line for each target, without the list's own name.
func targetsOf(t *testing.T, list string) ([]string, error) {
	t.Helper()
	o := sampleZone.options()
	o.Stdin = strings.NewReader(list)
	l, err := Parse([]string{"-"}, o)
	if err != nil {
		return nil, err
	}
	return walkAll(t, l), nil
}

func TestSamplesOfLists(t *testing.T) {
	for _, form := range ListForms {
		want, listed := namedBy[form.Name]
		if !listed || form.About == "" {
			t.Errorf("%s: the row has no test, or is not described", form.Name)
		}
		if got := formOf(form.Sample).Name; got != form.Name {
			t.Errorf("%s: the sample is taken for one of %s", form.Name, got)
		}
		if want == nil {
			continue
		}
		for name, sample := range waysToWrite(form.Sample) {
			got, err := targetsOf(t, sample)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v\n\t%s\nwant\n\t%s", form.Name, name, err, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		}
	}
}

// waysToWrite are those in which one list comes. All name the same.
func waysToWrite(list string) map[string]string {
	var wide, packed bytes.Buffer
	for _, unit := range append([]uint16{0xfeff}, utf16.Encode([]rune(list))...) {
		wide.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(list))
	_ = w.Close()
	return map[string]string{
		"as it is":        list,
		"Windows' lines":  strings.ReplaceAll(list, "\n", "\r\n"),
		"with a mark":     "\ufeff" + list,
		"UTF-16":          wide.String(),
		"gzip":            packed.String(),
		"twice":           list + list,
		"without its end": strings.TrimRight(list, "\n"),
	}
}

// What programs write in other versions, with other options, or where they found something else.
func TestVariantsOfLists(t *testing.T) {
	const xmlBegin = `<?xml version="1.0"?>` + "\n" + `<nmaprun scanner="nmap" version="7.93">` + "\n"
	const xmlOpen = `<ports><port protocol="tcp" portid="25"><state state="open"/></port></ports></host>`
	tests := []struct {
		what, list string
		want       []string
	}{
		{"nmap -oX, one long line", strings.ReplaceAll(nmapXML.Sample, "\n", ""), []string{"192.0.2.25:25"}},
		{"nmap -oX, another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><nmaprun><host comment="` + "\xe4" + `"><address addr="192.0.2.25" addrtype="ipv4"/>` + xmlOpen + "</nmaprun>", []string{"192.0.2.25:25"}},
		{"nmap -oX, IPv6 and several addresses", xmlBegin + `<host><address addr="192.0.2.25" addrtype="ipv4"/><address addr="2001:db8::25" addrtype="ipv6"/>` + xmlOpen + "</nmaprun>",
			[]string{"192.0.2.25:25", "[2001:db8::25]:25"}},
		{"nmap -oX, a hint and hosts without ports", xmlBegin + `<hosthint><status state="up"/><address addr="192.0.2.8" addrtype="ipv4"/></hosthint><host><status state="down"/><address addr="192.0.2.9" addrtype="ipv4"/></host>` +
			`<host><address addr="192.0.2.25" addrtype="ipv4"/>` + xmlOpen + "</nmaprun>", []string{"192.0.2.25:25"}},
		{"nmap -oX, UDP, SCTP, perhaps open", xmlBegin + `<host><address addr="192.0.2.25" addrtype="ipv4"/><ports><extraports state="open" count="9"/><port protocol="udp" portid="25"><state state="open"/></port>` +
			`<port protocol="sctp" portid="26"><state state="open"/></port><port protocol="tcp" portid="27"><state state="open|filtered"/></port>` +
			`<port protocol="tcp" portid="587"><state state="open"/><script id="x" output="192.0.2.3"><elem key="addr">192.0.2.4</elem></script></port></ports></host></nmaprun>`, []string{"192.0.2.25:587"}},
		{"masscan -oX", "<?xml version=\"1.0\"?>\r\n<!-- masscan v1.0 scan -->\r\n<nmaprun scanner=\"masscan\" start=\"1796029200\" version=\"1.0-BETA\"  xmloutputversion=\"1.03\">\r\n<scaninfo type=\"syn\" protocol=\"tcp\" />\r\n" +
			"<host endtime=\"1796029200\"><address addr=\"2001:db8::25\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"25\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"64\"/></port></ports></host>\r\n" +
			"<runstats>\r\n<finished time=\"1796029204\" timestr=\"2026-11-30 09:00:04\" elapsed=\"4\" />\r\n<hosts up=\"1\" down=\"0\" total=\"1\" />\r\n</runstats>\r\n</nmaprun>\r\n", []string{"[2001:db8::25]:25"}},
		{"nmap -oN -sV -v, IPv6", "# Nmap 7.93 scan initiated Mon Nov 30 09:00:00 2026 as: nmap -6 -sV -v -oN f 2001:db8::/126\nNmap scan report for 2001:db8::24 [host down]\nNmap scan report for mail.example.org (2001:db8::)\n" +
			"rDNS record for 2001:db8::: mx.example.net\nHost is up, received syn-ack (0.0012s latency).\nScanned at 2026-11-30 09:00:00 UTC for 0s\n\nPORT    STATE         SERVICE REASON       VERSION\n" +
			"25/tcp  open          smtp    syn-ack      Postfix, (192.0.2.3) 587/tcp open\n| smtp-commands: 26/tcp open\n53/udp  open          domain\n465/tcp open|filtered smtps\n# Nmap done at Mon Nov 30 09:00:07 2026 -- 4 IP addresses (2 hosts up) scanned in 7.21 seconds\n", []string{"[2001:db8::]:25"}},
		{"nmap 4", "Starting Nmap 4.62 ( http://nmap.org ) at 2026-11-30 09:00 UTC\nInteresting ports on mail.example.org (192.0.2.25):\nPORT   STATE SERVICE\n25/tcp open  smtp\n", []string{"192.0.2.25:25"}},
		{"nmap -oG -v", "# Nmap 7.93 scan initiated Mon Nov 30 09:00:00 2026 as: nmap -v -sV -oG - 192.0.2.25\n# Ports scanned: TCP(2;25,587) UDP(0;) SCTP(0;) PROTOCOLS(0;)\nHost: 192.0.2.24 ()\tStatus: Down\nHost: 192.0.2.25 ()\tStatus: Up\n" +
			"Host: 192.0.2.25 ()\tPorts: 25/open/tcp//smtp//Postfix smtpd, (Debian, GNU|Linux)/, 587/open|filtered/tcp//submission///, 25/open/udp/////\tIgnored State: closed (2)\n# Nmap done at Mon Nov 30 09:00:07 2026\n", []string{"192.0.2.25:25"}},
		{"nmap -oG, IPv6", "Host: 2001:db8::25 (mail.example.org)\tPorts: 25/open/tcp//smtp///, 465/closed/tcp//smtps///\n", []string{"[2001:db8::25]:25"}},
		{"nmap -oG, sorted out", "Host: 192.0.2.25 ()\tPorts: 25/open/tcp//smtp///\n", []string{"192.0.2.25:25"}},
		{"masscan -oL, IPv6, UDP, closed", "#masscan\nopen tcp 25 2001:db8::25 1796029200\nopen udp 53 192.0.2.1 1796029200\nclosed tcp 25 192.0.2.2 1796029200\n# end\n", []string{"[2001:db8::25]:25"}},
		{"masscan -oL without its lines of comment", "open tcp 25 192.0.2.25 1796029200\n", []string{"192.0.2.25:25"}},
		{"the screen of masscan with its rate", "Starting masscan 1.3.2 (http://bit.ly/14GZzcT) at 2026-11-30 09:00:00 GMT\nInitiating SYN Stealth Scan\nScanning 256 hosts [1 port/host]\n" +
			"rate:  0.10-kpps, 10.00% done, found=0       \rDiscovered open port 25/tcp on 192.0.2.25                                      \nrate:  0.00-kpps, 100.00% done, found=1       \r", []string{"192.0.2.25:25"}},
		{"the screens of masscan and of nmap -v", "Discovered open port 25/tcp on 192.0.2.24\nStarting Nmap 7.93 ( https://nmap.org ) at 2026-11-30 09:00 UTC\nDiscovered open port 25/tcp on 192.0.2.25\n" +
			"Nmap scan report for 192.0.2.25\n25/tcp open smtp\n", []string{"192.0.2.24:25", "192.0.2.25:25"}},
		{"masscan 1.0.3 -oJ", "{   \"ip\": \"192.0.2.25\",   \"timestamp\": \"1796029200\", \"ports\": [ {\"port\": 25, \"proto\": \"tcp\", \"status\": \"open\", \"reason\": \"syn-ack\", \"ttl\": 64} ] },\n{finished: 1}\n", []string{"192.0.2.25:25"}},
		{"masscan 1.0.4 -oJ", "[\n{   \"ip\": \"192.0.2.25\",   \"ports\": [ {\"port\": 25, \"proto\": \"tcp\", \"status\": \"open\"} ] },\n{   \"ip\": \"192.0.2.26\",   \"ports\": [ {\"port\": 25, \"proto\": \"udp\", \"status\": \"open\"} ] },\n]\n", []string{"192.0.2.25:25"}},
		{"JSON, spread out", "[\n  {\n    \"ip\": \"192.0.2.25\",\n    \"ports\": [\n      {\n        \"port\": 25\n      },\n      {\n        \"port\": 26,\n        \"state\": \"closed\"\n      },\n      \"587\"\n    ]\n  }\n]\n",
			[]string{"192.0.2.25:25", "192.0.2.25:587"}},
		{"JSON, braces in texts", `{"note":"}]{\"\\","ip":"192.0.2.25","port":25}{"ip":"192.0.2.26","port":25}`, []string{"192.0.2.25:25", "192.0.2.26:25"}},
		{"naabu 2.1", `{"ip":"192.0.2.25","port":{"Port":25,"Protocol":0,"TLS":false}}`, []string{"192.0.2.25:25"}},
		{"zmap", `{"saddr":"192.0.2.25"}` + "\n" + `{"saddr":"192.0.2.26","sport":25,"success":0,"classification":"rst"}`, []string{"192.0.2.25:25 optional"}},
		{"zgrab2 by a name", `{"domain":"mail.example.org","data":{"smtp":{"status":"success"}}}`,
			[]string{"203.0.113.25:25 name=mail.example.org named optional", "203.0.113.25:465 name=mail.example.org named optional", "203.0.113.25:587 name=mail.example.org named optional"}},
		{"JSON of hosts with and without a port", `[{"target":"mail.example.org:2525"},{"hostname":"192.0.2.9","port":"26"}]`, []string{"192.0.2.9:26 named", "203.0.113.25:2525 name=mail.example.org named"}},
		{"a status that is none of a port", `{"host":"mail.example.org:25","status":"production"}`, []string{"203.0.113.25:25 name=mail.example.org named"}},
		{"JSON of addresses and whose mail they take", `{"ip":"192.0.2.25","domain":"bücher.example","port":25}{"ip":"192.0.2.26","domain":"n/a","port":25}`,
			[]string{"192.0.2.25:25 domain=xn--bcher-kva.example", "192.0.2.26:25"}},
		{"a status and a protocol that are none of a port", `{"host":"192.0.2.1","port":25,"status":"production","protocol":"SMTP"}` + "\n" +
			`{"host":"192.0.2.2","port":25,"status":"Closed"}{"host":"192.0.2.3","port":0,"proto":"icmp"}{"host":"192.0.2.4","port":25,"protocol":"UDP"}`, []string{"192.0.2.1:25 named"}},
		{"upper case", `{"IP":"192.0.2.1","Port":2525}`, []string{"192.0.2.1:2525"}},
		{"saved results of a domain", `{"type":"result","schema":1,"target":"192.0.2.25:25","domain":"example.org","named":true,"verdict":"open"}`, []string{"192.0.2.25:25 domain=example.org named"}},
		{"a plain list that begins with a bracket", "[2001:db8::1]:25\n", []string{"[2001:db8::1]:25 named"}},
		{"a plain list that begins with a comment of masscan", "# Masscan found these\n192.0.2.1:25\n", []string{"192.0.2.1:25 named"}},
	}
	for _, test := range tests {
		slices.Sort(test.want)
		got, err := targetsOf(t, test.list)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v\n\t%s\nwant\n\t%s", test.what, err, strings.Join(got, "\n\t"), strings.Join(test.want, "\n\t"))
		}
	}
}

// A host is one target, whatever domains it takes mail for, and however they are written down.
func TestDomainsOfOneHost(t *testing.T) {
	for _, list := range []string{
		"mail.example.org # local-domain=example.net\nmail.example.org # local-domain=bücher.example\n",
		"host,domain\nmail.example.org,example.net\nmail.example.org,bücher.example\n",
		`{"host":"mail.example.org","domain":"example.net"}{"hostname":"mail.example.org","domain":"bücher.example"}`,
	} {
		l, err := Parse([]string{"-"}, Options{Stdin: strings.NewReader(list)})
		if err != nil {
			t.Fatal(err)
		}
		if len(l.names) != 1 || l.names[0].domain != "" || !slices.Equal(l.names[0].local.Domains, []string{"example.net", "xn--bcher-kva.example"}) {
			t.Errorf("%q: %+v", list, l.names)
		}
	}
}

// A list that says nothing, is broken, or is something else is an error, which says where and does not quote it.
func TestMistakesOfLists(t *testing.T) {
	const tooLarge = "has an object, an element or a row of more than 1 MiB, which is none of a list"
	const isForeign = "is no line of this list, which nmap or masscan wrote, but may be one of another"
	const breaks = ": breaks off: what stands before is not tested either"
	half := func(s string, upTo string) string { return s[:strings.Index(s, upTo)] }
	lastLine := func(s string) string { return fmt.Sprintf("stdin:%d", 1+strings.Count(s, "\n")) }
	halfXML, halfJSON := half(nmapXML.Sample, "<times"), half(masscanJSON.Sample, `"reason"`)
	tests := []struct{ what, list, want string }{
		{"nmap -oX, stopped", halfXML, lastLine(halfXML) + breaks},
		{"nmap -oX, stopped in a name", half(nmapXML.Sample, `rtype="ipv4"`), lastLine(half(nmapXML.Sample, `rtype="ipv4"`)) + breaks},
		{"nmap -oX, stopped at once", half(nmapXML.Sample, "<!--"), "stdin:4" + breaks},
		{"nmap -oX, nothing found", "<nmaprun><runstats/></nmaprun>", `"-" (nmap -oX) names no open port`},
		{"another XML", "<?xml version=\"1.0\"?>\n<plist><key>hunter2</key></plist>", "stdin:2: is XML, but not of nmap or masscan"},
		{"an entity", `<!DOCTYPE nmaprun [<!ENTITY a "hunter2"><!ENTITY b "&a;&a;">]>` + "\n<nmaprun>&b;</nmaprun>", "stdin:2: is no XML"},
		{"too deep", "<nmaprun>" + strings.Repeat("<a>", 1<<16), "stdin:1: has elements in each other, more than 100 deep"},
		{"no address", "<nmaprun><host><address addr=\"192.0.2.300\"/><ports>\n<port protocol=\"tcp\" portid=\"25\"><state state=\"open\"/></port></ports></host></nmaprun>", `stdin:2: "192.0.2.300:25" is not an IPv4 address`},
		{"nmap -oN, nothing found", "# Nmap 7.93 scan initiated Mon Nov 30 09:00:00 2026 as: nmap -oN f 192.0.2.1\n# Nmap done at Mon Nov 30 09:00:07 2026\n", `"-" (nmap -oN) names no open port`},
		{"nmap -oN, a host that is not understood", "Nmap scan report for 192.0.2.1\nNmap scan report for the mail host (192.0.2.2)\n25/tcp open smtp\n", "stdin:3: is a port without its host"},
		{"nmap -oG, another line", "Host: 192.0.2.1 ()\tStatus: Up\nhunter2\n", "stdin:2: is no line as nmap -oG writes it"},
		{"masscan -oL, nothing found", "#masscan\n# end\n", `"-" (masscan -oL) names no open port`},
		{"masscan -oL, stopped in an address", "#masscan\nopen tcp 25 192.0.2.25 1796029200\nopen tcp 25 192.0.2.2", "stdin:3: is no whole line of masscan -oL"},
		{"masscan -oJ, stopped", halfJSON, "stdin:2" + breaks},
		{"masscan -oJ, stopped between two", half(masscanJSON.Sample, ",\n{"), "stdin:3" + breaks},
		{"masscan -oJ, stopped in a text", half(masscanJSON.Sample, `yn-ack`), "stdin:2" + breaks},
		{"masscan -oJ, nothing found", "[\n]\n", `"-" (JSON) names no open port`},
		{"masscan -oL, stopped behind a line", "#masscan\nopen tcp 25 192.0.2.25 1796029200\n", "stdin:1: begins a list without its last line (# end ...), which breaks off: nothing of it is tested"},
		{"masscan -oL, the second stopped", masscanList.Sample + "#masscan\nopen tcp 25 192.0.2.25 1796029200\n", "stdin:6: begins a list without its last line (# end ...), which breaks off: nothing of it is tested"},
		{"masscan -oG, stopped", half(masscanGreppable.Sample, "# Masscan done"), "stdin:1: begins a list without its last line (# Masscan done ...), which breaks off: nothing of it is tested"},
		{"nmap -oG, stopped", half(nmapGreppable.Sample, "# Nmap done"), "stdin:1: begins a list without its last line (# Nmap done ...), which breaks off: nothing of it is tested"},
		{"nmap -oG, stopped in a port", "Host: 192.0.2.25 ()\tPorts: 25/open/tcp//smtp///, 587/ope", "stdin:1: is no whole line of nmap -oG"},
		{"nmap -oG, stopped before the ports", "Host: 192.0.2.1 ()\tPorts: 25/open/tcp//smtp///\nHost: 192.0.2.25 ()\tPor", "stdin:2: is no whole line of nmap -oG"},
		{"nmap -oG, stopped in an address", "Host: 192.0.2.1 ()\tPorts: 25/open/tcp//smtp///\nHost: 192.0.2", "stdin:2: is no whole line of nmap -oG"},
		{"nmap -oN, stopped", "# Nmap 7.93 scan initiated as: nmap -oN f 192.0.2.1\nNmap scan report for 192.0.2.1\n25/tcp open smtp\n", "stdin:1: begins a list without its last line (# Nmap done ...), which breaks off: nothing of it is tested"},
		{"nmap -oN, stopped in a port", "Nmap scan report for 192.0.2.1\n25/tcp open smtp\n58", "stdin:3: is no whole line of nmap -oN"},
		{"nmap -oN, stopped in a state", "Nmap scan report for 192.0.2.1\n25/tcp open smtp\n587/tcp op", "stdin:3: is no whole line of nmap -oN"},
		{"nmap -oX, a host without an address", "<nmaprun>\n<host><ports><port protocol=\"tcp\" portid=\"25\"><state state=\"open\"/></port></ports>\n</host></nmaprun>", "stdin:3: is a host without an address"},
		{"nmap -oX, many addresses", "<nmaprun><host>" + strings.Repeat(`<address addr="192.0.2.25" addrtype="ipv4"/>`, 17), "stdin:1: has a host with more than 16 addresses"},
		{"nmap -oX, another list behind it", nmapXML.Sample + "192.0.2.9\n", "stdin:24: has something else before or behind its elements"},
		{"the screen of masscan, cut off", "Discovered open port 25/tcp on 192.0.2.25\nDiscovered open por", "stdin:2: " + isForeign},
		{"nothing at all", "", `"-" names no target`},
		{"a line that breaks off", `{"ip":"192.0.2.1","port":25}` + "\n" + `{"ip":"192.0` + "\n" + `{"ip":"192.0.2.3","port":25}`, "stdin:2: is no whole object of JSON"},
		{"JSON that is none", `{"ip":"192.0.2.1",}`, "stdin:1: is no object of JSON"},
		{"an array of texts", `["hunter2"]`, "stdin:1: is no object of JSON"},
		{"another's secrets", `{"type":"service_account","private_key":"hunter2"}`, "stdin:1: has no ip, saddr, address, host, hostname, target or domain"},
		{"a secret for an address", `{"address":"hunter2"}`, "stdin:1: holds something else where an address belongs"},
		{"a secret for a host", `{"host":"hunter2!"}`, "stdin:1: holds something else where a host belongs"},
		{"a file for a host", `{"host":"@/etc/hosts.d"}`, "stdin:1: a target file cannot name another"},
		{"a secret for a port", `{"ip":"192.0.2.1","port":"hunter2"}`, "stdin:1: has a port that is no number from 1 to 65535"},
		{"a port of more bits", `{"ip":"192.0.2.1","ports":[25,65561]}`, "stdin:1: has a port that is no number from 1 to 65535"},
		{"records of changes", `{"type":"change","schema":1,"target":"192.0.2.1:25"}`, `stdin:1: holds records of the type "change", not results`},
		{"a result of nothing", `{"type":"result","schema":1,"verdict":"open"}`, "stdin:1: is a result without a target"},
		{"deep JSON", `{"ip":` + strings.Repeat("[", 1<<16) + strings.Repeat("]", 1<<16) + "}", "stdin:1: is no object of JSON"},
		{"deep JSON, stopped", "\n" + strings.Repeat(`{"a":`, 1<<16), "stdin:2" + breaks},
		{"a large object", `{"ip":"192.0.2.1","ports":[` + strings.Repeat("25,", 400_000) + "25]}", "stdin:1: " + tooLarge},
		{"a large element", "<nmaprun " + strings.Repeat(`a="" `, 300_000) + "/>", "stdin: " + tooLarge},
		{"a large row", "ip,port\n" + strings.Repeat(",", 1_200_000) + "\n", "stdin: " + tooLarge},
		{"a password for a port", "192.0.2.1\n192.0.2.2:hunter2\n", `stdin:2: port "…" of "…" is not a number from 1 to 65535`},
		{"a line of .pgpass", "192.0.2.1\n192.0.2.2:5432:db:ada:hunter2\n", `stdin:2: "…" is not an IPv6 address`},
		{"a service for a port", "192.0.2.1\n192.0.2.2:smtp\n", `stdin:2: port "smtp" of "192.0.2.2:smtp" is not a number from 1 to 65535`},
		{"rustscan, stopped", "192.0.2.1 -> [25]\n192.0.2.2 -> [25,5", "stdin:2: is no whole line of rustscan -g"},
	}
	for _, test := range tests {
		_, err := targetsOf(t, test.list)
		checkError(t, test.what, err, test.want)
	}
	for _, form := range []ListForm{discoveredPorts, nmapNormal} {
		for _, other := range []string{"192.0.2.9", "mail.example.org:25 # ours", `"192.0.2.9",25`, masscanList.Sample, nmapGreppable.Sample, masscanLines.Sample, masscanGreppable.Sample, rustscanGreppable.Sample} {
			_, err := targetsOf(t, form.Sample+other)
			if err == nil || !strings.Contains(err.Error(), isForeign) {
				t.Errorf("%s with %q behind it: %v", form.Name, other, err)
			}
		}
	}
}
