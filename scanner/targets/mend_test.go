package targets

import (
	"os"
	"strings"
	"testing"
)

// Every row shows what it is for.
func TestMends(t *testing.T) {
	for _, m := range mends {
		if got := strings.Join(mended(m.text), " "); got != m.meant {
			t.Errorf("%q is mended as %q, want %q", m.text, got, m.meant)
		}
		if !m.pattern.MatchString(m.text) {
			t.Errorf("%q is no example of %s", m.text, m.pattern)
		}
	}
}

// The hint of a mistake that can be mended is the command line that was meant.
func TestMended(t *testing.T) {
	for _, test := range []struct{ spec, want string }{
		{`"mail.example.org",`, "openrelay scan mail.example.org"},
		{"https://mail.example.org:8443/owa", "openrelay scan mail.example.org"},
		{"smtps://ada@[2001:db8::25]:465/", "openrelay scan '[2001:db8::25]:465'"},
		{"Ada Admin <ada@example.org>", "openrelay scan mx:example.org"},
		{"mailto:ada@example.org", "openrelay scan mx:example.org"},
		{"mail.example.org:25,587", "openrelay scan mail.example.org:25 mail.example.org:587"},
		{"mail.example.org;25", "openrelay scan mail.example.org:25"},
		{"[2001:db8::25]:25,587", "openrelay scan '[2001:db8::25]:25' '[2001:db8::25]:587'"},
		{"192.0.2.0/24:25-587", "openrelay scan 192.0.2.0/24:25 192.0.2.0/24:587"},
		{"192.0.2.1 - 192.0.2.9", "openrelay scan 192.0.2.1-192.0.2.9"},
		{"192.0.2.0 / 24", "openrelay scan 192.0.2.0/24"},
		{"192.0.2.0/24:", "openrelay scan 192.0.2.0/24"},
		{"::1:2525", "openrelay scan '[::1]:2525'"},
		{"MX 10 mail.example.org.", "openrelay scan mail.example.org."},
		{"10 mail.example.org.", "openrelay scan mail.example.org."},
		{"2. mail.example.org", "openrelay scan mail.example.org"},
		{"| mail.example.org | 25 |", "openrelay scan mail.example.org:25"},
		{"mail.example.org 25 587", "openrelay scan mail.example.org:25 mail.example.org:587"},
		{"'a b", "openrelay scan a b"},
		{"192.0.2.1-192.0.2", howTargets},
		{"192.0.2.300", howTargets},
		{"mx:", howTargets},
		{"ada:hunter2", howTargets},
		{"$(reboot).example.org", howTargets},
	} {
		_, err := Parse([]string{test.spec}, Options{})
		if mistake, ok := err.(*Error); !ok || mistake.Hint() != test.want {
			t.Errorf("%q: %v, hint %q, want %q", test.spec, err, mistake.Hint(), test.want)
		}
	}
}

// What people write beside their targets is no mistake.
func TestLeniently(t *testing.T) {
	for _, test := range []struct{ list, want string }{
		{"127.0.0.1:1,\n127.0.0.2:1,\n", "127.0.0.1:1 named|127.0.0.2:1 named"},
		{"\"127.0.0.1:1\"\n\"127.0.0.2:1\",\n", "127.0.0.1:1 named|127.0.0.2:1 named"},
		{"'127.0.0.1:1'\n'127.0.0.2:1',\n", "127.0.0.1:1 named|127.0.0.2:1 named"},
		{"; hosts\n127.0.0.1:1 ; old\n//127.0.0.3\n127.0.0.2:1\t// new\n", "127.0.0.1:1 named|127.0.0.2:1 named"},
		{"10 a.example.org.\n20 B.example.org.\n", "a.example.org:25 named dns=no such host|b.example.org:25 named dns=no such host"},
		{"127.0.0.8/255.255.255.254:1\n", "127.0.0.8:1|127.0.0.9:1"},
	} {
		o := zone{}.options()
		o.Stdin = strings.NewReader(test.list)
		check(t, []string{"-"}, o, strings.Split(test.want, "|")...)
	}
	for _, text := range []string{"192.0.2.0/0.0.0.255", "192.0.2.0/0.0.0.0", "192.0.2.1/255.255.255.255", "192.0.2.0/255.0.255.0", "2001:db8::/255.255.255.0"} {
		if _, err := Parse([]string{text}, Options{}); err == nil {
			t.Errorf("%q is a network", text)
		}
	}
}

// Whoever forgets the @ of a file is told, unless the name may be a host's.
func TestForgottenAt(t *testing.T) {
	t.Chdir(t.TempDir())
	names := []string{"targets.txt", "lists/targets.txt", "nmap.xml", "my hosts.csv", "mail.example.org", "192.0.2.1", "targets", "targets.zip", "mail.corp.lan", "any.uk"}
	for _, dir := range []string{"lists", "folder.txt"} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		write(t, name, "192.0.2.25:25\n")
	}
	for spec, want := range map[string]string{
		"targets.txt": "openrelay scan @targets.txt", "./targets.txt": "openrelay scan @./targets.txt", "lists/targets.txt": "openrelay scan @lists/targets.txt",
		"nmap.xml": "openrelay scan @nmap.xml", "my hosts.csv": "openrelay scan '@my hosts.csv'", "./targets": "openrelay scan @./targets",
	} {
		_, err := Parse([]string{spec}, Options{})
		if mistake, ok := err.(*Error); !ok || mistake.Hint() != want {
			t.Errorf("%q: %v, want the hint %s", spec, err, want)
		}
	}
	o := zone{hosts: map[string]string{"mail.example.org": "192.0.2.7"}}.options()
	check(t, []string{"mail.example.org:25", "mail.example.org", "192.0.2.1"}, o, "192.0.2.1:25 named optional", "192.0.2.1:465 named optional", "192.0.2.1:587 named optional",
		"192.0.2.7:25 name=mail.example.org named", "192.0.2.7:465 name=mail.example.org named optional", "192.0.2.7:587 name=mail.example.org named optional")
	for _, name := range []string{"targets", "targets.zip", "mail.corp.lan", "any.uk"} {
		check(t, []string{name}, o, name+":25 named dns=no such host; if the file of that name is meant: @"+name)
		o.Stdin = strings.NewReader(name)
		check(t, []string{"-"}, o, name+":25 named dns=no such host")
	}
	check(t, []string{"folder.txt"}, o, "folder.txt:25 named dns=no such host")
}

// A hint never tests what a file says to leave alone, nor a target that was right.
func TestNotMended(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "exclude.txt", "192.0.2.1\n192.0.2.2:25\n")
	write(t, "remark.txt", "192.0.2.1\n192.0.2.2 # local-domain=-\n")
	for _, test := range []struct {
		spec string
		o    Options
	}{
		{"192.0.2.0/24", Options{ExcludeFiles: []string{"exclude.txt"}}},
		{"192.0.2.0/24", Options{Exclude: []string{"192.0.2.2:25"}}},
		{"@remark.txt", Options{}},
	} {
		_, err := Parse([]string{test.spec}, test.o)
		if mistake, ok := err.(*Error); !ok || mistake.Hint() != howTargets {
			t.Errorf("%s %v: %v, hint %q", test.spec, test.o.ExcludeFiles, err, mistake.Hint())
		}
	}
}
