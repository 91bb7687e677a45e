package targets

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"openrelay/probe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zone is a DNS of maps. Names are without a final dot.
type zone struct {
	hosts map[string]string // addresses, separated by spaces; "alias NAME" follows NAME
	mx    map[string]string // "10 mail.example.org, 20 backup.example.org"
}

func (z zone) options() Options {
	return Options{LookupNetIP: z.lookupNetIP, LookupMX: z.lookupMX, LookupAliases: z.lookupAliases, Ours: func() []netip.Prefix { return nil }}
}

func (z zone) canonical(host string) string {
	host = strings.TrimSuffix(host, ".")
	for strings.HasPrefix(z.hosts[host], "alias ") {
		host = strings.TrimPrefix(z.hosts[host], "alias ")
	}
	return host
}

func (z zone) lookupAliases(_ context.Context, host string) (links []string, err error) {
	for host = strings.TrimSuffix(host, "."); strings.HasPrefix(z.hosts[host], "alias "); links = append(links, host) {
		host = strings.TrimPrefix(z.hosts[host], "alias ")
	}
	return links, nil
}

func (z zone) lookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	text, known := z.hosts[z.canonical(host)]
	switch {
	case text == "timeout":
		return nil, &net.DNSError{Err: "i/o timeout", Name: host, IsTimeout: true, IsTemporary: true}
	case !known:
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	var addrs []netip.Addr
	for _, a := range strings.Fields(text) {
		if a == "no-"+network {
			return nil, &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
		}
		if addr, err := netip.ParseAddr(a); err == nil && addr.Unmap().Is4() == (network == "ip4") {
			addrs = append(addrs, addr)
		}
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, nil
}

func (z zone) lookupMX(_ context.Context, domain string) ([]*net.MX, error) {
	text, known := z.mx[domain]
	switch {
	case text == "timeout":
		return nil, &net.DNSError{Err: "i/o timeout", Name: domain, IsTimeout: true}
	case !known:
		return nil, &net.DNSError{Err: "no such host", Name: domain, IsNotFound: true}
	}
	var records []*net.MX
	for _, r := range strings.Split(text, ", ") {
		mx := new(net.MX)
		fmt.Sscan(r, &mx.Pref, &mx.Host)
		records = append(records, mx)
	}
	return records, nil
}

// show writes a target the short way of these tests:
// "192.0.2.1:25 name=... domain=... named optional" or "name:25 dns=...".
func show(t probe.Target) string {
	s := t.String()
	if t.Addr.IsValid() && t.Name != "" {
		s += " name=" + t.Name
	}
	if t.Domain != "" {
		s += " domain=" + t.Domain
	}
	if t.Named {
		s += " named"
	}
	if t.Optional {
		s += " optional"
	}
	if t.DNSError != "" {
		s += " dns=" + t.DNSError
	}
	return s
}

// walkAll returns every target of a list, sorted.
func walkAll(t *testing.T, l *List) []string {
	t.Helper()
	var all []string
	for target, err := range l.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if target.Addr.IsValid() && target.Addr.Port() != target.Port {
			t.Errorf("%v has port %d", target, target.Port)
		}
		all = append(all, show(target))
	}
	if n, exact := l.Len(); !exact || n != uint64(len(all)) {
		t.Errorf("after %d targets Len is %d, exact %t", len(all), n, exact)
	}
	slices.Sort(all)
	return all
}

func check(t *testing.T, specs []string, o Options, want ...string) *List {
	t.Helper()
	l, err := Parse(specs, o)
	if err != nil {
		t.Errorf("%q: %v", specs, err)
		return nil
	}
	got := walkAll(t, l)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q names\n\t%s\nwant\n\t%s", specs, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	return l
}

func TestParse(t *testing.T) {
	z := zone{hosts: map[string]string{"mail.example.org": "192.0.2.25 2001:db8::25"}}
	tests := []struct {
		spec string
		want []string
	}{
		{"192.0.2.1", []string{"192.0.2.1:25 named optional", "192.0.2.1:465 named optional", "192.0.2.1:587 named optional"}},
		{"192.0.2.1:2525", []string{"192.0.2.1:2525 named"}},
		{"2001:db8::1:24", []string{"[2001:db8::1:24]:25 named optional", "[2001:db8::1:24]:465 named optional", "[2001:db8::1:24]:587 named optional"}},
		{"2001:db8::25", []string{"[2001:db8::25]:25 named optional", "[2001:db8::25]:465 named optional", "[2001:db8::25]:587 named optional"}},
		{"[2001:db8::1:25]", []string{"[2001:db8::1:25]:25 named optional", "[2001:db8::1:25]:465 named optional", "[2001:db8::1:25]:587 named optional"}},
		{"192.0.2.1,3:26", []string{"192.0.2.1:26 named", "192.0.2.3:26 named"}},
		{"192.0.2-3.7-8,1:26", []string{"192.0.2.1:26", "192.0.2.7:26", "192.0.2.8:26", "192.0.3.1:26", "192.0.3.7:26", "192.0.3.8:26"}},
		{"192.0.2.254-:26", []string{"192.0.2.254:26", "192.0.2.255:26"}},
		{"192.0.2.-1:26", []string{"192.0.2.0:26", "192.0.2.1:26"}},
		{"[2001:db8::1]:25", []string{"[2001:db8::1]:25 named"}},
		{"[2001:db8::1]", []string{"[2001:db8::1]:25 named optional", "[2001:db8::1]:465 named optional", "[2001:db8::1]:587 named optional"}},
		{"[fe80::1%br-0]:25", []string{"[fe80::1%br-0]:25 named"}},
		{"::ffff:192.0.2.1", []string{"192.0.2.1:25 named optional", "192.0.2.1:465 named optional", "192.0.2.1:587 named optional"}},
		{"127.0.0.1:1", []string{"127.0.0.1:1 named"}},
		{"192.0.2.0/31", []string{"192.0.2.0:25 optional", "192.0.2.1:25 optional"}},
		{"192.0.2.77/31:587", []string{"192.0.2.76:587", "192.0.2.77:587"}},
		{"::ffff:192.0.2.8/127", []string{"192.0.2.8:25 optional", "192.0.2.9:25 optional"}},
		{"2001:db8::/127", []string{"[2001:db8::]:25 optional", "[2001:db8::1]:25 optional"}},
		{"2001:db8::/127:26", []string{"[2001:db8::]:26", "[2001:db8::1]:26"}},
		{"[2001:db8::/127]:26", []string{"[2001:db8::]:26", "[2001:db8::1]:26"}},
		{"192.0.2.254-255", []string{"192.0.2.254:25 optional", "192.0.2.255:25 optional"}},
		{"192.0.2.255-192.0.3.0:26", []string{"192.0.2.255:26", "192.0.3.0:26"}},
		{"2001:db8::f-2001:db8::10", []string{"[2001:db8::10]:25 optional", "[2001:db8::f]:25 optional"}},
		{"[2001:db8::f-2001:db8::f]:26", []string{"[2001:db8::f]:26"}},
		{"255.255.255.254-255.255.255.255", []string{"255.255.255.254:25 optional"}}, // less broadcast
		{"Mail.Example.Org.:25", []string{"192.0.2.25:25 name=mail.example.org named", "[2001:db8::25]:25 name=mail.example.org named"}},
	}
	for _, test := range tests {
		check(t, []string{test.spec}, z.options(), test.want...)
	}
}

func TestPorts(t *testing.T) {
	z := zone{hosts: map[string]string{"mail.example.org": "192.0.2.25"}}
	o := z.options()
	o.Ports = []uint16{26, 27, 26}
	check(t, []string{"192.0.2.1", "192.0.2.8/32", "mail.example.org", "192.0.2.2:28"}, o,
		"192.0.2.1:26 named", "192.0.2.1:27 named", "192.0.2.8:26", "192.0.2.8:27", "192.0.2.2:28 named",
		"192.0.2.25:26 name=mail.example.org named", "192.0.2.25:27 name=mail.example.org named")
}

// Whatever is named twice is tested once, under the best name it has.
func TestOverlaps(t *testing.T) {
	z := zone{hosts: map[string]string{"a.example.org": "192.0.2.1", "b.example.org": "192.0.2.1"}}
	check(t, []string{"192.0.2.0/31", "192.0.2.0-1", "192.0.2.0/31:25"}, z.options(), "192.0.2.0:25", "192.0.2.1:25")
	check(t, []string{"192.0.2.0/31:25", "192.0.2.1:25", "192.0.2.1:25"}, z.options(), "192.0.2.0:25", "192.0.2.1:25 named")
	check(t, []string{"192.0.2.1", "192.0.2.1:25"}, z.options(),
		"192.0.2.1:25 named", "192.0.2.1:465 named optional", "192.0.2.1:587 named optional")
	check(t, []string{"a.example.org:25", "192.0.2.0/31", "192.0.2.1:25", "A.example.org.:25"}, z.options(),
		"192.0.2.0:25 optional", "192.0.2.1:25 name=a.example.org named")
	check(t, []string{"a.example.org:25", "b.example.org:25"}, z.options(),
		"192.0.2.1:25 name=a.example.org named", "192.0.2.1:25 name=b.example.org named")
	check(t, []string{"a.example.org", "a.example.org:25"}, z.options(),
		"192.0.2.1:25 name=a.example.org named", "192.0.2.1:465 name=a.example.org named optional", "192.0.2.1:587 name=a.example.org named optional")
}

func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "targets.txt", "\ufeff192.0.2.1:25 # the first\r\n\n# nothing\n  192.0.2.8/32\n")
	o := zone{hosts: map[string]string{"mail.example.org": "192.0.2.25"}}.options()
	o.Stdin = strings.NewReader("mail.example.org:25\n192.0.2.2:25")
	check(t, []string{"@targets.txt", "-"}, o,
		"192.0.2.1:25 named", "192.0.2.2:25 named", "192.0.2.8:25 optional", "192.0.2.25:25 name=mail.example.org named")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.FromSlash(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMistakes(t *testing.T) {
	allOctets := "0"
	for i := 1; i < 256; i++ {
		allOctets += fmt.Sprintf(",%d", i)
	}
	t.Chdir(t.TempDir())
	write(t, "bad.txt", "192.0.2.1\n\n192.0.2.0/33 # oops\n")
	write(t, "nested.txt", "@bad.txt\n")
	write(t, "empty.txt", "# nobody\n")
	write(t, "mx.txt", "mx:localhost\n")
	write(t, "long.txt", "192.0.2.1\n"+strings.Repeat("x", 100_000))
	tests := []struct{ spec, want string }{
		{"", `"" is not a host name`},
		{"a b", `"a b" is more than one target`},
		{"192.0.2.0/33", `"192.0.2.0/33" is not a network: a prefix length of IPv4 is a number from 0 to 32`},
		{"192.0.2.0/", `"192.0.2.0/" is not a network: a prefix length of IPv4 is a number from 0 to 32`},
		{"2001:db8::/129", `"2001:db8::/129" is not a network: a prefix length of IPv6 is a number from 0 to 128`},
		{"mail.example.org/24", `"mail.example.org/24" is not a network: "mail.example.org" is not an address`},
		{"fe80::%eth0/120", `"fe80::%eth0/120" is not a network: "fe80::%eth0" is not an address`},
		{"https://mail.example.org", `"https://mail.example.org" is a URL: name the host and the port`},
		{"2001:db8::/64", `"2001:db8::/64" has 2^64 addresses: name the hosts, or a prefix of /112 or longer`},
		{"2001:db8::-2001:db9::", `"2001:db8::-2001:db9::" has more than 65536 addresses: name the hosts, or a prefix of /112 or longer`},
		{"192.0.2.9-3", `"192.0.2.9-3" is not a range: it ends before it begins`},
		{"192.0.2.9-192.0.2.3", `"192.0.2.9-192.0.2.3" is not a range: it ends before it begins`},
		{"192.0.2.9-256", `"192.0.2.9-256" is not a range: it cannot end at "256"`},
		{"192.0.2.9-2001:db8::1", `"192.0.2.9-2001:db8::1" is not a range: it cannot end at "2001:db8::1"`},
		{"192.0.2.300", `"192.0.2.300" is not an IPv4 address`},
		{"192.0.2", `"192.0.2" is not an IPv4 address`},
		{"192.0.2.01", `"192.0.2.01" is not an IPv4 address`},
		{"2001:db8::g", `"2001:db8::g" is not an IPv6 address`},
		{"[2001:db8::1", `"[2001:db8::1" has no closing bracket`},
		{"[2001:db8::1]25", `"[2001:db8::1]25" has something but a port behind the bracket`},
		{"mail.example.org:smtp", `port "smtp" of "mail.example.org:smtp" is not a number from 1 to 65535`},
		{"192.0.2.1:0", `port "0" of "192.0.2.1:0" is not a number from 1 to 65535`},
		{"192.0.2.1:65536", `port "65536" of "192.0.2.1:65536" is not a number from 1 to 65535`},
		{"192.0.2.0/24:", `port "" of "192.0.2.0/24:" is not a number from 1 to 65535`},
		{"-mail.example.org", `"-mail.example.org" is not a host name`},
		{"mail..example.org", `"mail..example.org" is not a host name`},
		{"mä\u200bil.example.org", `"mä\u200bil.example.org" is not a host name: it holds U+200B, which cannot be seen`},
		{"mx:“bücher.example”:25", `"“bücher.example”" is not a host name: it holds U+201C, which no name has`},
		{"１９２．０．２．１:25", `"１９２．０．２．１" is not a host name: it is an address in other digits`},
		{"אbc.example.org", `"אbc.example.org" is not a host name: it mixes letters written from left to right with letters written from right to left (RFC 5893)`},
		{"ada@bücher.example", `"ada@bücher.example" is a mail address: name the domain's mail hosts`},
		{"postmaster@example.org", `"postmaster@example.org" is a mail address: name the domain's mail hosts`},
		{"mx:", `"mx:" names no domain`},
		{"mx::25", `"mx::25" names no domain`},
		{"mx:localhost", `"mx:localhost": localhost is this machine, and no domain with mail hosts (RFC 6761 6.3)`},
		{"MX:Mail.LocalHost.:25", `"MX:Mail.LocalHost.:25": localhost is this machine, and no domain with mail hosts (RFC 6761 6.3)`},
		{"mx:192.0.2.1:25", `"mx:192.0.2.1:25": mx: takes a domain, not an address`},
		{"mx:[2001:db8::1]:25", `"mx:[2001:db8::1]:25": mx: takes a domain, not an address`},
		{"mx:192.0.2.0/28", `"mx:192.0.2.0/28": mx: takes a domain, not an address`},
		{"mx:192.0.2.1-20", `"mx:192.0.2.1-20": mx: takes a domain, not an address`},
		{"mx:192.0.2.300", `"mx:192.0.2.300": mx: takes a domain, not an address`},
		{"mx:https://example.org", `"https://example.org" is not a host name`},
		{"@mx.txt", `mx.txt:1: "mx:localhost": localhost is this machine, and no domain with mail hosts (RFC 6761 6.3)`},
		{"mx:192.0.2.1", `"mx:192.0.2.1": mx: takes a domain, not an address`},
		{"mx:2001:db8::1", `"mx:2001:db8::1": mx: takes a domain, not an address`},
		{"0.0.0.0", `"0.0.0.0" is no server's address (unspecified)`},
		{"[::]:25", `"[::]:25" is no server's address (unspecified)`},
		{"224.0.0.1", `"224.0.0.1" is no server's address (multicast)`},
		{"ff02::1", `"ff02::1" is no server's address (multicast)`},
		{"::ffff:224.0.0.1", `"::ffff:224.0.0.1" is no server's address (multicast)`},
		{"255.255.255.255", `"255.255.255.255" is no server's address (broadcast)`},
		{"239.0.0.0/24", `"239.0.0.0/24" holds no server's address (multicast)`},
		{"@nowhere.txt", `open nowhere.txt: no such file or directory`},
		{"@bad.txt", `bad.txt:3: "192.0.2.0/33" is not a network: a prefix length of IPv4 is a number from 0 to 32`},
		{"@nested.txt", `nested.txt:1: a target file cannot name another`},
		{"@empty.txt", `"@empty.txt" names no target`},
		{"@long.txt", `long.txt:2: "…" has 100000 characters, and a host name at most 253`},
		{"@", `"@" names no file; - is standard input`},
		{"@-", `"@-": standard input is named - alone; a file of that name is @./-`},
		{"::1:2525", `"::1:2525" is an address that seems to end in a port: [::1:2525] is the address`},
		{"192.0.2.1,25", `"192.0.2.1,25" may be two addresses, or an address and a port`},
		{"192.0.2.1,256", `"192.0.2.1,256" is not an IPv4 address: "256" is none of its numbers`},
		{"192.0.2.9-3,1", `"192.0.2.9-3,1" is not an IPv4 address: "9-3" is none of its numbers`},
		{"10.1,2." + allOctets + "." + allOctets, `"10.1,2.0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17…" is more than 65536 addresses, named one by one: name networks`},
		{"*.*.*.1", `"*.*.*.1" is more than 65536 separate ranges: name networks`},
		{"0.0.0.0,1", `"0.0.0.0,1": 0.0.0.0 is no server's address (unspecified)`},
		{"224.0.0.*", `"224.0.0.*" holds no server's address (multicast)`},
		{"-", `"-" names no target`},
	}
	for _, test := range tests {
		_, err := Parse([]string{test.spec}, Options{Stdin: strings.NewReader("")})
		checkError(t, test.spec, err, test.want)
	}
}

// checkError also demands a hint, and that the command line of a hint is free of mistakes.
func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	mistake, ok := err.(*Error)
	if !ok {
		t.Errorf("%q: error %v, want an *Error", what, err)
		return
	}
	if mistake.Error() != want {
		t.Errorf("%q: error\n\t%v\nwant\n\t%v", what, err, want)
	}
	if mistake.Hint() == "" {
		t.Errorf("%q: no hint", what)
	}
	words, isCommand := strings.CutPrefix(mistake.Hint(), "openrelay scan ")
	if isCommand && !strings.HasPrefix(words, "-") && !strings.Contains(words, "@") {
		if _, err := Parse(strings.Fields(strings.ReplaceAll(words, "'", "")), Options{}); err != nil {
			t.Errorf("%q: the hint %q does not work: %v", what, mistake.Hint(), err)
		}
	}
}

func TestMistakenOptions(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "no.txt", "192.0.2.1\n192.0.2.1:25\n")
	write(t, "idn.txt", "bü\u00adcher.example\n")
	host := []string{"192.0.2.1"}
	tests := []struct {
		specs []string
		o     Options
		want  string
	}{
		{nil, Options{}, "no target"},
		{host, Options{IPv4Only: true, IPv6Only: true}, "-4 and -6 leave no address to test"},
		{host, Options{IPv6Only: true}, "every target is excluded"},
		{host, Options{Exclude: []string{"192.0.2.0/24"}}, "every target is excluded"},
		{host, Options{Ports: []uint16{0}}, "--ports: port 0 cannot be tested"},
		{host, Options{Shard: 2, Shards: 2}, "--shard: there is no shard 2 of 2"},
		{host, Options{Shard: -1, Shards: 2}, "--shard: there is no shard -1 of 2"},
		{host, Options{Exclude: []string{"mail example"}}, `--exclude: "mail example" is not an address, a CIDR, a range or a host name`},
		{host, Options{Exclude: []string{"bü\u00adcher.example"}}, `--exclude: "bü\u00adcher.example" is not an address, a CIDR, a range or a host name: it holds U+00AD, which cannot be seen`},
		{host, Options{ExcludeFiles: []string{"idn.txt"}}, `idn.txt:1: "…" is not an address, a CIDR, a range or a host name: it holds U+00AD, which cannot be seen`},
		{host, Options{Exclude: []string{"192.0.2.0/40"}}, `--exclude: "192.0.2.0/40" is not a network: a prefix length of IPv4 is a number from 0 to 32`},
		{host, Options{ExcludeFiles: []string{"no.txt"}}, `no.txt:2: "192.0.2.1:25" is not an address, a CIDR, a range or a host name`},
		{host, Options{ExcludeFiles: []string{"nowhere"}}, "open nowhere: no such file or directory"},
		{[]string{"-", "-"}, Options{Stdin: strings.NewReader("192.0.2.1")}, `"-" is named twice, but can be read only once`},
	}
	for _, test := range tests {
		_, err := Parse(test.specs, test.o)
		checkError(t, fmt.Sprint(test.specs), err, test.want)
	}
}

// Every row of the table shows how it is written, and is what its example is read by.
func TestKinds(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "targets.txt", "192.0.2.1\n")
	for i, k := range Kinds {
		if k.Form == "" || k.About == "" {
			t.Errorf("kind %d is not described", i)
		}
		if first := slices.IndexFunc(Kinds, func(k2 Kind) bool { return k2.match(k.Example) }); first != i {
			t.Errorf("%s: the example %q is read as %s", k.Form, k.Example, Kinds[first].Form)
		}
		if _, err := Parse([]string{k.Example}, Options{Stdin: strings.NewReader("192.0.2.1")}); err != nil {
			t.Errorf("%s: %v", k.Form, err)
		}
	}
}

func TestPublicLimit(t *testing.T) {
	tests := []struct {
		specs  []string
		public uint64
	}{
		{[]string{"10.0.0.0/8", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "192.0.2.0/24", "fd00::/112", "fe80::/112", "2001:db8::/112"}, 0},
		{[]string{"9.9.9.0/24"}, 256},
		{[]string{"9.9.9.0/24", "9.9.9.1", "9.9.9.0-255:587"}, 256},
		{[]string{"9.9.9.0/24", "9.9.10.1"}, 257},
		{[]string{"8.0.0.0/8"}, 1 << 24},
		{[]string{"0.0.0.0/0"}, 1<<32 - 1<<24 - 1<<24 - 1<<22 - 1<<24 - 1<<16 - 1<<20 - 1<<16 - 3<<8 - 1<<17 - 2<<28 - 1<<8 - 1<<8 + 2}, // 192.0.0.9 and .10 are public
		{[]string{"64:ff9b::a00:0/112", "64:ff9b::6440:1", "2002:a00:1::1"}, 0},
		{[]string{"64:ff9b::808:0/112"}, 1 << 16},
		{[]string{"2606:4700::/112"}, 1 << 16},
		{[]string{"9.9.9.0/24", "64:ff9b::909:900/120", "2002:909:909::1-2002:909:909::ff", "2001:0:1:2:3:4:f6f6:f6f0/124", "::ffff:9.9.9.0"}, 256},
		{[]string{"9.9.9.0/24", "2002:909:a01::/112"}, 257},
	}
	for _, test := range tests {
		l, err := Parse(test.specs, Options{})
		if (err != nil) != (test.public > PublicLimit) {
			t.Errorf("%q: %v", test.specs, err)
		}
		if err != nil {
			if want := fmt.Sprintf("%d public addresses in all: for more than 256, say who authorised it", test.public); err.Error() != want {
				t.Errorf("%q: error %q, want %q", test.specs, err, want)
			}
			l, err = Parse(test.specs, Options{Authorized: "me"})
		}
		if err != nil || l.Public() != test.public {
			t.Errorf("%q: %v", test.specs, err)
		}
	}
	_, err := Parse([]string{"9.9.0.0/16", "[2001:db8::1]:25"}, Options{})
	if mistake := err.(*Error); mistake.Hint() != `openrelay scan --authorized "who, ticket" 9.9.0.0/16 '[2001:db8::1]:25'` {
		t.Errorf("hint %s", mistake.Hint())
	}
	if _, err := Parse([]string{"9.9.8.0/23"}, Options{Exclude: []string{"9.9.9.0/24"}}); err != nil {
		t.Errorf("excluded addresses count as public: %v", err)
	}
}

// An interface has a name and a number: the same address behind both is one target.
func TestZones(t *testing.T) {
	const number = 1 // loopback's, nearly everywhere
	i, err := net.InterfaceByIndex(number)
	if err != nil {
		t.Skip(err)
	}
	check(t, []string{fmt.Sprintf("[fe80::1%%%d]:25", number), "[fe80::1%" + i.Name + "]:25"}, zone{}.options(), "[fe80::1%"+i.Name+"]:25 named")
}
