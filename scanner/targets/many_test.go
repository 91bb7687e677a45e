package targets

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"openrelay/probe"
)

// The addresses and domains of samples are those of RFC 5737, RFC 3849 and RFC 2606.
var sampleHost = regexp.MustCompile(`(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d+|2001:db8::[0-9a-f]+|example\.(?:org|net|com)`)

// others is a piece of a sample with other addresses and domains in it: those of a private network.
func others(piece string, n int) string {
	known := map[string]string{}
	return sampleHost.ReplaceAllStringFunc(piece, func(host string) string {
		if known[host] == "" {
			number := n*8 + len(known) + 1
			switch addr, err := netip.ParseAddr(host); {
			case err != nil:
				known[host] = fmt.Sprintf("x%d.%s", number, host)
			case addr.Is4():
				known[host] = netip.AddrFrom4([4]byte{10, byte(number >> 16), byte(number >> 8), byte(number)}).String()
			default:
				known[host] = fmt.Sprintf("fd00::%x:%x", 1+number>>16, number&0xffff)
			}
		}
		return known[host]
	})
}

// named is how many entries a list has, 0 if one of them is bad.
func named(form ListForm, list string) (n int) {
	t, err := readText("list", strings.NewReader(list))
	if err != nil {
		return 0
	}
	for _, err := range form.read(t) {
		if err != nil {
			return 0
		}
		n++
	}
	return n
}

// many is a list of a form with so many lines: its sample, of which the lines that name most are there again and again,
// with other addresses.
func many(form ListForm, lines int) string {
	sample := strings.SplitAfter(form.Sample, "\n")
	from, to, most := 0, 0, named(form, form.Sample)
	for i := range sample {
		for j := i + 1; j <= len(sample); j++ {
			again := "" // more often than a host may have addresses
			for n := range mostAddrs + 1 {
				again += others(strings.Join(sample[i:j], ""), n)
			}
			more := named(form, strings.Join(sample[:j], "")+again+strings.Join(sample[j:], ""))
			if more > most {
				from, to, most = i, j, more
			}
		}
	}
	if to == 0 {
		return ""
	}
	piece := strings.Join(sample[from:to], "")
	var b strings.Builder
	b.WriteString(strings.Join(sample[:to], ""))
	for n := range (lines - len(sample)) / (to - from) {
		b.WriteString(others(piece, n))
	}
	b.WriteString(strings.Join(sample[to:], ""))
	return b.String()
}

const manyLines = 100_000

func BenchmarkLists(b *testing.B) {
	for _, form := range ListForms {
		b.Run(strings.ReplaceAll(form.Name, " ", "_"), func(b *testing.B) {
			list := many(form, manyLines)
			b.ReportAllocs()
			for b.Loop() {
				l, err := Parse([]string{"-"}, Options{Stdin: strings.NewReader(list)})
				if err != nil {
					b.Fatal(err)
				}
				n, _ := l.Len()
				b.ReportMetric(float64(n), "targets")
			}
		})
	}
}

// A list of many lines may keep so many bytes for each.
const mostKept = 400

func TestManyLinesKeepLittle(t *testing.T) {
	const lines = 5_000
	for _, form := range ListForms {
		list := many(form, lines)
		if n := strings.Count(list, "\n"); n < lines*9/10 {
			t.Errorf("%s: the sample was repeated to %d lines", form.Name, n)
			continue
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		l, err := Parse([]string{"-"}, Options{Stdin: strings.NewReader(list)})
		if err != nil {
			t.Errorf("%s: %v", form.Name, err)
			continue
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		n, _ := l.Len()
		kept := int(after.HeapAlloc) - int(before.HeapAlloc)
		t.Logf("%s: %d targets, %d bytes a line", form.Name, n, kept/lines)
		if kept/lines > mostKept {
			t.Errorf("%s: %d bytes are kept for each line, at most %d may be", form.Name, kept/lines, mostKept)
		}
		runtime.KeepAlive(l)
		runtime.KeepAlive(list)
	}
}

// TestWriteManyLines writes the lists that .ci/bench reads.
func TestWriteManyLines(t *testing.T) {
	dir := os.Getenv("OPENRELAY_LISTS")
	if dir == "" {
		t.Skip("OPENRELAY_LISTS names no folder")
	}
	for _, form := range ListForms {
		name := strings.ReplaceAll(strings.ToLower(form.Name), " ", "-")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(many(form, manyLines)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// mostAllocated is how many bytes each line may take while it is read: room for what the race detector makes of regular
// expressions, and far less than all lines before it.
const mostAllocated = 64 << 10

// Many lines may be about one server, and are one target.
func TestManyLinesOfOneServer(t *testing.T) {
	const lines = 20_000
	for _, test := range []struct {
		head, line     string
		domains, ports int
	}{
		{"", "mail.example.org:25 # local-domain=d%d.example.net\n", lines, 1},
		{"", "192.0.2.25:25 # local-domain=d%d.example.net\n", lines, 1},
		{"host,domain,port\n", "mail.example.org,d%d.example.net,25\n", lines, 1},
		{"", "mail.example.org:%d # local-domain=example.net\n", 1, lines},
	} {
		var list strings.Builder
		list.WriteString(test.head)
		for n := range lines {
			fmt.Fprintf(&list, test.line, n+1)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l, err := Parse([]string{"-"}, Options{Stdin: strings.NewReader(list.String())})
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / lines; each > mostAllocated {
			t.Errorf("%q: %d bytes a line, at most %d may be", test.line, each, mostAllocated)
		}
		var local *probe.Local
		for _, h := range l.names {
			local = h.local
		}
		for _, s := range l.singles {
			local = s.local
		}
		if n, _ := l.Len(); len(l.names)+len(l.singles) != 1 || int(n) != test.ports || len(local.Domains) != test.domains {
			t.Errorf("%q: %d targets, which take mail for %d domains", test.line, n, len(local.Domains))
		}
	}
}
