package targets

import (
	"strings"
	"testing"
)

// csvLists are lists of the forms of CSV, and the targets they name.
var csvLists = []struct {
	about, list, form string
	want              []string
}{
	{"quotes, spaces and CRLF", "\"IP Address\", Port\r\n\"192.0.2.1\", \"26\"\r\n", "CSV with a header", []string{"192.0.2.1:26 named"}},
	{"a BOM and Excel's line", "\ufeffsep=;\r\nServer;Port\r\nmail.example.org;26\r\n", "CSV with a header", []string{"192.0.2.25:26 name=mail.example.org named"}},
	{"tabs, and an empty cell", "name\tip\tport\n\t192.0.2.1\t26\n", "CSV with a header", []string{"192.0.2.1:26 named"}},
	{"a comma that Excel names", "sep=,\nip,port\n192.0.2.1,26\n", "CSV with a header", []string{"192.0.2.1:26 named"}},
	{"a name in two lines", "\"IP\nAddress\",port\n192.0.2.1,26\n", "CSV with a header", []string{"192.0.2.1:26 named"}},
	{"a cell of two lines", "ip,note,port\n192.0.2.1,\"two\nlines\",26\n", "CSV with a header", []string{"192.0.2.1:26 named"}},
	{"the address before the host", "host,addr,port\nmail.example.org,192.0.2.1,26\nmail.example.org,-,27\n", "CSV with a header",
		[]string{"192.0.2.1:26 named", "192.0.2.25:27 name=mail.example.org named"}},
	{"the clearest name of a host", "name,fqdn,port\nBerlin 1,mail.example.org,26\n", "CSV with a header", []string{"192.0.2.25:26 name=mail.example.org named"}},
	{"whose mail it takes", "ip,domain,ports\n192.0.2.1,Example.org,\"26, 27/tcp 53/udp\"\n", "CSV with a header",
		[]string{"192.0.2.1:26 domain=example.org named", "192.0.2.1:27 domain=example.org named"}},
	{"what is not open", "ip,port,state,proto\n192.0.2.1,26,closed,tcp\n192.0.2.2,26,open,udp\n192.0.2.3,26,Filtered,tcp\n192.0.2.4,26,open,tcp\n", "CSV with a header",
		[]string{"192.0.2.4:26 named"}},
	{"an inventory's status", "ip,port,status\n192.0.2.1,26,production\n192.0.2.2,26,down\n", "CSV with a header", []string{"192.0.2.1:26 named"}},
	{"what Kinds take", "target,port\n192.0.2.0/31,26\nmail.example.org:27,\n192.0.2.9:28,28\n2001:db8::1,26\n", "CSV with a header",
		[]string{"192.0.2.0:26", "192.0.2.1:26", "192.0.2.25:27 name=mail.example.org named", "192.0.2.9:28 named", "[2001:db8::1]:26 named"}},
	{"empty rows and comments", "ip;port\n;\n# 192.0.2.9;26\n\n192.0.2.1;26\n", "CSV with a header", []string{"192.0.2.1:26 named"}},
	{"an address of each family", "host,IPv4,IPv6 Address,port\na.example.org,192.0.2.1,2001:db8::1,26\nb.example.org,,2001:db8::2,26\nmail.example.org,,,26\n", "CSV with a header",
		[]string{"192.0.2.1:26 named", "192.0.2.25:26 name=mail.example.org named", "[2001:db8::1]:26 named", "[2001:db8::2]:26 named"}},
	{"IPv6 alone", "ipv6;port\n2001:db8::1;26\n", "CSV with a header", []string{"[2001:db8::1]:26 named"}},
	{"one column", "hostname\nmail.example.org:26\n", "CSV with a header", []string{"192.0.2.25:26 name=mail.example.org named"}},
	{"hosts called so", "host\nserver\n", "one per line", []string{
		"192.0.2.7:25 name=host named optional", "192.0.2.7:465 name=host named optional", "192.0.2.7:587 name=host named optional",
		"192.0.2.8:25 name=server named optional", "192.0.2.8:465 name=server named optional", "192.0.2.8:587 name=server named optional"}},
	{"a host called so, among others", "host mail.example.org:26\n", "one per line", nil},

	{"zmap's one column", "saddr\n192.0.2.1\n2001:db8::1\n", "zmap", []string{"192.0.2.1:25 optional", "[2001:db8::1]:25 optional"}},
	{"zmap's failures", "saddr,sport,success\n192.0.2.1,26,1\n192.0.2.2,26,0\n", "zmap", []string{"192.0.2.1:26"}},
	{"zmap without a header", "192.0.2.1\n192.0.2.2:26\n", "one per line", []string{
		"192.0.2.1:25 named optional", "192.0.2.1:465 named optional", "192.0.2.1:587 named optional", "192.0.2.2:26 named"}},

	{"zgrab2 in quotes", "\"192.0.2.1\",\"example.org\",\"a, b\",\"26\"\n", "zgrab2", []string{"192.0.2.1:26 domain=example.org named"}},
	{"zgrab2's networks", "192.0.2.0/31,example.org,tag,26\n", "zgrab2", []string{"192.0.2.0:26 domain=example.org", "192.0.2.1:26 domain=example.org"}},
	{"zgrab2's tag alone", "192.0.2.1,,tag,26\n", "zgrab2", []string{"192.0.2.1:26 named"}},
	{"zgrab2's names", ",mail.example.org,tag,26\nmail.example.org:27\n# 192.0.2.9\n", "zgrab2",
		[]string{"192.0.2.25:26 name=mail.example.org named", "192.0.2.25:27 name=mail.example.org named"}},

	{"a port in quotes", "\"192.0.2.1\",\"25\"\n", "CSV without a header", []string{"192.0.2.1:25 named"}},
	{"what is no port", "192.0.2.1;production\n192.0.2.2;26;the office\n", "CSV without a header", []string{
		"192.0.2.1:25 named optional", "192.0.2.1:465 named optional", "192.0.2.1:587 named optional", "192.0.2.2:26 named"}},

	{"a spreadsheet's port", "192.0.2.1,587\nmail.example.org,25\n192.0.2.2, 2525\n", "one per line",
		[]string{"192.0.2.1:587 named", "192.0.2.25:25 name=mail.example.org named", "192.0.2.2:2525 named"}},
	{"several with commas", "192.0.2.1:26, 192.0.2.2:26,192.0.2.3:26,\n", "one per line",
		[]string{"192.0.2.1:26 named", "192.0.2.2:26 named", "192.0.2.3:26 named"}},
}

func TestCSV(t *testing.T) {
	z := zone{hosts: map[string]string{"mail.example.org": "192.0.2.25", "host": "192.0.2.7", "server": "192.0.2.8"}}
	for _, test := range csvLists {
		t.Run(test.about, func(t *testing.T) {
			if form := formOf(strings.TrimPrefix(test.list, "\ufeff")); form.Name != test.form {
				t.Errorf("read as %s, want %s", form.Name, test.form)
			}
			o := z.options()
			o.Stdin = strings.NewReader(test.list)
			if test.want == nil {
				if _, err := Parse([]string{"-"}, o); err == nil {
					t.Error("no error")
				}
				return
			}
			check(t, []string{"-"}, o, test.want...)
		})
	}
}

// A bad row is told where it stands. What it says is quoted only if it looks like a target.
func TestBadCSV(t *testing.T) {
	tests := []struct{ list, want string }{
		{"ip,port\n192.0.2.1,25\n192.0.2.300,25\n", `stdin:3: "192.0.2.300" is not an IPv4 address`},
		{"ip,port\nhunter 2,25\n", `stdin:2: "…" is not a host name`},
		{"ip,port\n,25\n", `stdin:2: names neither an address nor a host`},
		{"ip,port\n192.0.2.1,25,192.0.2.2\n", `stdin:2: has more cells than the header`},
		{"ip,port\n192.0.2.1,smtp\n", `stdin:2: names a port that is not a number from 1 to 65535`},
		{"ip,port\n192.0.2.1:26,25\n", `stdin:2: names two ports for one target`},
		{"ip,domain\n192.0.2.1,not a domain\n", `stdin:2: names a domain that is none`},
		{"ip,local-user\n192.0.2.1,a@b@c\n", `stdin:2: local-user="…": "…" is not a host name`},
		{"sep=;\nip;note\n192.0.2.1;a\"b\n", `stdin:3: is no row of CSV: a quote too many, or one too few`},
		{"ip,port\n192.0.2.1,\"25\n192.0.2.2,25\n", `stdin:2: is no row of CSV: a quote too many, or one too few`},
		{"ip,state\n192.0.2.1,closed\n", `"-" (CSV with a header) names no open port`},
		{"saddr\n", `"-" (zmap) names no open port`},
		{"saddr,sport\nmail.example.org,25\n", `stdin:2: "mail.example.org:25" is not an IPv4 address`},
		{"name,url,password\nexample.org,https://example.org,hunter2\n",
			`stdin:1: "…" is more than one target: a name without a dot stands in a line of its own; ` +
				`stdin:2: "…" is more than one target: a name without a dot stands in a line of its own; stdin: 2 bad lines`},
		{"192.0.2.1,example.org,tag\nexample.org,192.0.2.1\n", "stdin:2: is no line of zgrab2's input: ip, domain, tag"},
		{"192.0.2.1,example.org,tag\n192.0.2.1:26 192.0.2.2\n", "stdin:2: is no line of zgrab2's input: ip, domain, tag"},
		{"192.0.2.1;192.0.2.2\n", `stdin:1: a row of CSV names one target, and "192.0.2.2" is a second`},
		{"192.0.2.1;root;hunt.er\n", "stdin:1: a row of CSV names one target, and cell 3 looks like a second"},
		{"\"ada.lovelace\",\"hunt.er\"\n", "stdin:1: a row of CSV names one target, and cell 2 looks like a second"},
		{"192.0.2.1;25;4711\n", "stdin:1: cell 3 may be a second port: several stand in one cell, in quotes"},
		{"192.0.2.1,25\n", `stdin:1: "…" may be two addresses, or an address and a port`},
	}
	for _, test := range tests {
		_, err := Parse([]string{"-"}, Options{Stdin: strings.NewReader(test.list)})
		if several, ok := err.(*Errors); ok {
			if err.Error() != test.want {
				t.Errorf("%q: error\n\t%v\nwant\n\t%s", test.list, err, test.want)
			}
			err, test.want = several.Sum, several.Sum.Error()
		}
		checkError(t, test.list, err, test.want)
	}
}

// A hint takes apart what stands in one row.
func TestBadCSVHint(t *testing.T) {
	for list, want := range map[string]string{
		"192.0.2.1;192.0.2.2\n":                                "openrelay scan 192.0.2.1 192.0.2.2",
		"192.0.2.1;hunter2 192.0.2.2\n192.0.2.1;\"192.0.2.2\"": "openrelay scan 192.0.2.1 192.0.2.2",
		"192.0.2.1;mail.example.org\n":                         howTargets,
	} {
		_, err := Parse([]string{"-"}, Options{Stdin: strings.NewReader(list)})
		mistake, ok := err.(*Error)
		if !ok || mistake.Hint() != want {
			t.Errorf("%q: %#v, want the hint %s", list, err, want)
		}
	}
}

// A table says of a server what a comment of a plain list would.
func TestCSVRemarks(t *testing.T) {
	const list = "host,domain,local-domain,local-user,expect\nmail.example.org:25,example.com,example.org,ada eve,open plain\n"
	text, err := readText("stdin", strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for e, err := range csvHeader.read(text) {
		n++
		if err != nil || e.expect != "open plain" || e.local == nil ||
			strings.Join(e.local.Domains, " ") != "example.org example.com" || strings.Join(e.local.Users, " ") != "ada eve" {
			t.Errorf("%+v, %+v, %v", e, e.local, err)
		}
	}
	if n != 1 {
		t.Errorf("%d entries", n)
	}
}
