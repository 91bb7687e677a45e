package targets

import (
	"errors"
	"html"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"openrelay/internal/variants"
)

// FuzzLists: whatever a list holds, Parse never panics, every mistake has words and a hint, and every address, name and
// port that comes out stands in the text, as a second and simpler reading finds.
func FuzzLists(f *testing.F) {
	var seeds []string
	for _, form := range ListForms {
		seeds = append(seeds, form.Sample)
	}
	seeds = append(seeds, "192.0.2.1-20 192.0.2.5-192.0.3.9\n198.51.100.1,2,5-9.\n192.0.*.7\n2001:db8::/120\n", "[\n{\n\"ip\": \"192.0.2.1\",\n\"ports\": [ 25,\n26 ]\n}\n]\n",
		`{"ip":"192.0.2.\u0031","ports":["25"]}`, `<nmaprun><host><address addr="192.0.2.&#49;"/><ports><port protocol="tcp" portid="25"><state state="open"/></port></ports></host></nmaprun>`)
	for text := range variants.Of(1000, seeds...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse([]string{"-"}, Options{Stdin: strings.NewReader(text), Authorized: "fuzz"})
		if err != nil {
			checkMistakes(t, err)
			return
		}
		in := secondReading(text)
		for _, h := range l.names {
			in.checkName(t, h.name)
			for _, port := range h.ports {
				in.checkPort(t, port)
			}
		}
		for _, s := range l.singles {
			in.checkPort(t, port{s.Port(), s.optional})
			if s.domain != "" {
				in.checkName(t, s.domain)
			}
		}
		for _, b := range l.blocks {
			in.checkPort(t, b.port)
		}
		for _, r := range l.typed.Ranges() {
			in.checkAddress(t, r.To())
			for addr, n := r.From(), 0; r.Contains(addr) && n < 300; addr, n = addr.Next(), n+1 {
				in.checkAddress(t, addr)
			}
		}
	})
}

// checkMistakes: each has words, and a hint.
func checkMistakes(t *testing.T, err error) {
	t.Helper()
	all, several := err.(*Errors)
	list := []error{err}
	if several {
		list = all.Unwrap()
	}
	for _, err := range list {
		var mistake *Error
		if !errors.As(err, &mistake) || mistake.Msg == "" || mistake.Hint() == "" {
			t.Fatalf("error %#v", err)
		}
	}
}

// reading is what a text holds, in whatever form: words, names, addresses and numbers.
type reading struct {
	words   []string // that may be ranges of addresses
	names   map[string]bool
	addrs   map[netip.Addr]bool
	numbers map[uint64]bool
}

var (
	betweenWords = regexp.MustCompile(`[^0-9a-z:./*,%-]+`)
	addressLike  = regexp.MustCompile(`[0-9a-f:.]*[:.][0-9a-f:.]*`)
	number       = regexp.MustCompile(`[0-9]+`)
)

// secondReading knows nothing of forms. It reads the text as it is, as UTF-16, and with the escapes of JSON and XML
// resolved.
func secondReading(text string) *reading {
	r := &reading{names: map[string]bool{}, addrs: map[netip.Addr]bool{}, numbers: map[uint64]bool{}}
	plain := utf8Of(text)
	for _, text := range slices.Compact([]string{plain, unescaped(plain), html.UnescapeString(plain)}) {
		text = strings.ToLower(norm.NFKC.String(text))
		for _, name := range strings.FieldsFunc(text, func(r rune) bool {
			return r < 128 && !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyz-_.", r)
		}) {
			r.names[strings.Trim(name, ".")] = true
		}
		for _, word := range betweenWords.Split(text, -1) {
			if strings.ContainsAny(word, "/*,-") {
				r.words = append(r.words, word)
				r.words = append(r.words, strings.Split(word, ",")...)
			}
		}
		for _, token := range addressLike.FindAllString(text, -1) {
			r.addAddress(token)
		}
		for _, digits := range number.FindAllString(text, -1) {
			n, _ := strconv.ParseUint(digits, 10, 64)
			r.numbers[n] = true
		}
	}
	return r
}

// utf8Of reads UTF-16 in either order, told by the zeros of its first characters or its mark.
func utf8Of(text string) string {
	var first, second int
	switch {
	case strings.HasPrefix(text, "\xff\xfe"), len(text) > 3 && text[0] != 0 && text[1] == 0 && text[3] == 0:
		first, second = 0, 1
	case strings.HasPrefix(text, "\xfe\xff"), len(text) > 3 && text[0] == 0 && text[1] != 0 && text[2] == 0:
		first, second = 1, 0
	default:
		return text
	}
	var units []uint16
	for i := 0; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i+first])|uint16(text[i+second])<<8)
	}
	return string(utf16.Decode(units))
}

var escape = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|\\.`)

func unescaped(text string) string {
	return escape.ReplaceAllStringFunc(text, func(s string) string {
		if n, err := strconv.ParseUint(s[2:], 16, 32); err == nil {
			return string(rune(n))
		}
		return s[1:]
	})
}

func (r *reading) addAddress(token string) {
	host, _, _ := strings.Cut(token, ":")
	last := strings.LastIndexByte(token, ':')
	for _, text := range []string{token, host, token[:max(0, last)], strings.TrimSuffix(token, ":"), strings.Trim(token, ".")} {
		if addr, err := netip.ParseAddr(text); err == nil {
			r.addrs[addr.Unmap()] = true
		}
	}
}

func (r *reading) checkName(t *testing.T, name string) {
	t.Helper()
	written, _ := idna.ToUnicode(name)
	if !r.names[name] && !r.names[norm.NFKC.String(written)] {
		t.Fatalf("the name %q does not stand in the list", name)
	}
}

func (r *reading) checkPort(t *testing.T, p port) {
	t.Helper()
	if !r.numbers[uint64(p.number)] && (!p.optional || !slices.Contains(hostPorts, p.number)) {
		t.Fatalf("port %d does not stand in the list", p.number)
	}
}

func (r *reading) checkAddress(t *testing.T, addr netip.Addr) {
	t.Helper()
	addr = addr.WithZone("")
	if !r.addrs[addr] && !slices.ContainsFunc(r.words, func(word string) bool { return holds(word, addr) }) {
		t.Fatalf("the address %s does not stand in the list", addr)
	}
}

// holds reports whether a word is a network, a range or a list of octets that the address is in.
func holds(word string, addr netip.Addr) bool {
	if prefix, slash, found := strings.Cut(word, "/"); found {
		bits, _, _ := strings.Cut(slash, ":")
		p, err := netip.ParsePrefix(prefix + "/" + bits)
		return err == nil && (p.Masked().Contains(addr) || p.Masked().Contains(netip.AddrFrom16(addr.As16())))
	}
	from, to, found := strings.Cut(word, "-")
	first, err := netip.ParseAddr(from)
	if addr.Is4() {
		to, _, _ = strings.Cut(to, ":")
	}
	last, err2 := netip.ParseAddr(to)
	if found && err == nil && err2 == nil {
		return first.Unmap().Compare(addr) <= 0 && addr.Compare(last.Unmap()) <= 0
	}
	word, _, _ = strings.Cut(word, ":")
	lists := strings.Split(word, ".")
	if !addr.Is4() || len(lists) != 4 {
		return false
	}
	for i, octet := range addr.As4() {
		if !slices.ContainsFunc(strings.Split(lists[i], ","), func(one string) bool { return holdsOctet(one, octet) }) {
			return false
		}
	}
	return true
}

func holdsOctet(text string, octet byte) bool {
	from, to, isRange := strings.Cut(text, "-")
	first, err := strconv.Atoi("0" + from)
	if text == "*" || err != nil {
		return text == "*"
	}
	last, err := strconv.Atoi(to)
	switch {
	case !isRange:
		last = first
	case err != nil:
		last = 255
	}
	return first <= int(octet) && int(octet) <= last
}
