package report

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"openrelay/internal/variants"
	"openrelay/probe"
)

// parsePage parses a report as a browser does that runs no scripts, so that the bodies of cards are
// elements.
func parsePage(t testing.TB, page string) *html.Node {
	t.Helper()
	root, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func htmlOf(t testing.TB, o Options, results ...probe.Result) string {
	t.Helper()
	return render(t, format(t, "html"), o, results)
}

func elements(root *html.Node, name string) (found []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			found = append(found, n)
		}
	}
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// cardIDs are the anchors of the cards, in order.
func cardIDs(root *html.Node) (ids []string) {
	for _, li := range elements(root, "li") {
		if attribute(li, "data-verdict") != "" {
			ids = append(ids, attribute(li, "id"))
		}
	}
	return ids
}

// The page may run its own style and script, and nothing else, whatever a server said.
func TestHTMLIsHarmless(t *testing.T) {
	for name, page := range map[string]string{
		"saved":       htmlOf(t, Options{}, saved(t)...),
		"hostileText": htmlOf(t, Options{}, hostileResult()),
		"nothing":     htmlOf(t, Options{}),
	} {
		root := parsePage(t, page)
		scripts, styles := elements(root, "script"), elements(root, "style")
		if len(scripts) != 1 || len(styles) != 1 {
			t.Fatalf("%s: %d scripts and %d styles", name, len(scripts), len(styles))
		}
		var policy string
		for _, m := range elements(root, "meta") {
			if attribute(m, "http-equiv") == "Content-Security-Policy" {
				policy = attribute(m, "content")
			}
		}
		want := "default-src 'none'; style-src " + hashOf(textOf(styles[0])) + "; script-src " + hashOf(textOf(scripts[0])) + "; base-uri 'none'; form-action 'none'"
		if policy != want {
			t.Errorf("%s: policy %q, want %q", name, policy, want)
		}
		for _, c := range page {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Errorf("%s: the page has %q", name, c)
				break
			}
		}
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcset":
					t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
				case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://"):
					t.Errorf("%s: a link to %q", name, a.Val)
				}
			}
		}
		for _, tag := range []string{"img", "link", "iframe", "object", "embed", "base"} {
			if len(elements(root, tag)) > 0 {
				t.Errorf("%s: has <%s>", name, tag)
			}
		}
	}
	if page := htmlOf(t, Options{}, hostileResult()); strings.Contains(page, "ZgotmplZ") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("what the server said is not shown")
	}
}

// Every link leads somewhere, no two elements have one id, and elements are closed as they were opened.
func TestHTMLIsWhole(t *testing.T) {
	results := append(saved(t), deliveredResult(), deliveredResult(), hostileResult())
	root := parsePage(t, htmlOf(t, Options{}, results...))
	seen := map[string]bool{}
	for n := range root.Descendants() {
		if id := attribute(n, "id"); id != "" {
			if seen[id] {
				t.Errorf("two elements have the id %q", id)
			}
			seen[id] = true
		}
	}
	for _, a := range elements(root, "a") {
		if id, ok := strings.CutPrefix(attribute(a, "href"), "#"); ok && !seen[id] {
			t.Errorf("a link to %q leads nowhere", id)
		}
	}
	for _, key := range []string{"aria-labelledby"} {
		for n := range root.Descendants() {
			if id := attribute(n, key); id != "" && !seen[id] {
				t.Errorf("%s %q of <%s> is nowhere", key, id, n.Data)
			}
		}
	}
	for _, s := range elements(root, "section") {
		if heads := slices.Concat(elements(s, "h2"), elements(s, "h4")); len(heads) == 0 {
			t.Errorf("a section without a heading: %q", textOf(s))
		}
	}
}

func TestHTMLOrder(t *testing.T) {
	at := func(target string, v probe.Verdict, p probe.Proof) probe.Result {
		return probe.Result{Target: target, Named: true, Verdict: v, Proof: p, Reason: "refused"}
	}
	root := parsePage(t, htmlOf(t, Options{}, at("192.0.2.1:25", probe.Closed, 0), at("192.0.2.10:25", probe.Open, probe.Rcpt),
		at("192.0.2.9:587", probe.Open, probe.Rcpt), at("192.0.2.9:25", probe.Open, probe.Rcpt), at("[2001:db8::1]:25", probe.Open, probe.Data),
		at("192.0.2.2:25", probe.Unreachable, 0), at("192.0.2.3:25", probe.Inconclusive, 0)))
	want := "2001:db8::1-25 192.0.2.9-25 192.0.2.9-587 192.0.2.10-25 192.0.2.3-25 192.0.2.1-25 192.0.2.2-25"
	if got := strings.Join(cardIDs(root), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What has no card is counted; what is only named by accident has one.
func TestHTMLCards(t *testing.T) {
	page := htmlOf(t, Options{}, saved(t)...)
	root := parsePage(t, page)
	if got, want := len(cardIDs(root)), 30; got != want {
		t.Errorf("%d cards, want %d", got, want)
	}
	for _, want := range []string{
		"not offered: 465, 587 at mx.example.org [192.0.2.5]", "no mail server at 3 targets in ranges", "mx.example.org: IPv4 closed, IPv6 open",
		"Of 20 mail services tested, 7 agreed to take a stranger's mail for a stranger, 1 of them as expected.", "Where no mail server is expected to answer, 1 did.",
		"Where something is expected of a server: 2 worse than expected, 1 untold, 1 better than expected, 3 as expected.", "Of the open ones, 1 may be open only to the address",
	} {
		if !strings.Contains(textOf(root), want) {
			t.Errorf("no %q", want)
		}
	}
	quiet := parsePage(t, htmlOf(t, Options{Quiet: true}, saved(t)...))
	if ids := cardIDs(quiet); len(ids) != 7 || !strings.Contains(textOf(quiet), "Only servers that are worse than expected are listed") {
		t.Errorf("quiet: %q", ids)
	}
	quiet = parsePage(t, htmlOf(t, Options{Quiet: true}, accepting("plain"), result("closed 192.0.2.2:25")))
	if ids := cardIDs(quiet); len(ids) != 1 || !strings.Contains(textOf(quiet), "Only open servers are listed") {
		t.Errorf("quiet, and nothing expected: %q", ids)
	}
}

// A card says what the record says.
func TestHTMLCard(t *testing.T) {
	vectors, _ := probe.Select("standard", false)
	for name, test := range map[string]struct {
		result probe.Result
		want   []string
	}{
		"delivered": {deliveredResult(), []string{
			"a message of the test came out at the other end", "2026-11-23 18:04:05 UTC, 2.25s after", "203.0.113.78, which calls itself out.example.net, over TLS 1.3; this is another address",
			"by out.example.net", "198.51.100.7", "Example Block List", "listed (accusation), 127.0.0.2", "open relay", "not-checked", "the zone answers for everything", "look it up", "ask for removal",
		}},
		"open": {manyResult(0, netip.MustParseAddrPort("192.0.2.1:25")), []string{
			"the message invited; there the test hung up", "The server relays for every client.", "mynetworks = 127.0.0.0/8", "openrelay scan mx0.example.org", "RCPT TO:<stranger@example.com>",
			fmt.Sprintf("%d vectors", len(vectors)-1), "454 4.7.1 …: Relay access denied", "Postfix", "TLS 1.3, TLS_AES_256_GCM_SHA384", "CN=Example CA",
			fmt.Sprintf("%d of %[1]d vectors, %[1]d answered; from 203.0.113.9 (public)", len(vectors)), "1.234s",
		}},
		"skipped": {probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: probe.Closed, Coverage: probe.Coverage{Of: 3, Asked: 1, Skipped: []probe.Skip{{Vector: "a", Why: "no name"}, {Vector: "b", Why: "no name"}}}}, []string{
			"2 vectors", "a, b", "no name",
		}},
		"never got that far": {saved(t)[13], []string{"up to where it ended", "*: the reply is longer than 128 lines", "Check the port."}},
	} {
		card := textOf(elements(parsePage(t, htmlOf(t, Options{}, test.result)), "ol")[0])
		for _, want := range test.want {
			if !strings.Contains(card, want) {
				t.Errorf("%s: no %q in\n%s", name, want, card)
			}
		}
	}
}

// The deciding line is marked, in every dialogue that has one.
func TestHTMLDecidingLine(t *testing.T) {
	page := htmlOf(t, Options{}, saved(t)...)
	for _, pre := range elements(parsePage(t, page), "pre") {
		if attribute(pre, "class") != "dialogue" {
			continue
		}
		if !strings.Contains(textOf(pre), "> S: ") && !strings.Contains(textOf(pre), "> *: ") {
			t.Errorf("no line is marked in\n%s", textOf(pre))
		}
	}
	if !strings.Contains(page, `<span class="s deciding"><b>&gt; </b>S: 250 2.1.5 Ok`) {
		t.Error("the open server's line is not marked")
	}
}

func TestHTMLSent(t *testing.T) {
	handed := func(token string) probe.Result {
		return probe.Result{Target: "192.0.2.1:25", Named: true, Verdict: probe.Open, Findings: []probe.Finding{{
			Vector: "plain", Outcome: probe.OutcomeAccepted, Token: token, Transcript: transcript(t, "C: DATA\nS: 354 go\n")}}}
	}
	for want, results := range map[string][]probe.Result{
		"No message was sent, as far as these records show": {handed(""), {Target: "192.0.2.2:25", Named: true, Verdict: probe.Closed}},
		"1 message of the test came out":                    {deliveredResult()},
		"a message was handed over to 1 server":             {handed("abc")},
	} {
		got := textOf(parsePage(t, htmlOf(t, Options{}, results...)))
		if !strings.Contains(got, want) || strings.Contains(got, "No message was sent") != strings.HasPrefix(want, "No") {
			t.Errorf("no %q", want)
		}
	}
}

// What says who tested, when and for whom stands at the head, all of it where results were merged.
func TestHTMLFacts(t *testing.T) {
	one, two := manyResult(1, netip.MustParseAddrPort("192.0.2.1:25")), manyResult(2, netip.MustParseAddrPort("192.0.2.2:25"))
	two.Scan = &probe.Scan{ID: "later", Version: "1.1.0"}
	two.Started = one.Started.Add(time.Hour)
	head := textOf(elements(parsePage(t, htmlOf(t, Options{}, one, two)), "header")[0])
	for _, want := range []string{
		"2026-11-23 18:00:01 UTC to 2026-11-23 19:00:02 UTC", "203.0.113.9 (public)", "openrelay 1.0.0", "openrelay 1.1.0", "k3v9q2mxw7ab", "later",
		"Ada Admin, CHG-1234", "not stated for 1 target", "none sent, as far as these records show",
	} {
		if !strings.Contains(head, want) {
			t.Errorf("no %q in %s", want, head)
		}
	}
}

// Nothing of a server's makes the page as long as it likes.
func TestHTMLIsBounded(t *testing.T) {
	r := hostileResult()
	r.Name, r.Detail, r.Server.Banner = strings.Repeat("ü", 1<<20), strings.Repeat("x ", 1<<20), strings.Repeat("\x1b", 1<<20)
	r.Server.EHLO = slices.Repeat([]string{"X"}, 100_000)
	r.Findings = slices.Repeat(r.Findings, 1000)
	r.Findings[0].Transcript = transcript(t, strings.Repeat("S: 220-hello\n", 100_000))
	r.Findings[0].Reply = "220-hello"
	for i := range r.Findings[1:] {
		r.Findings[1+i].Vector, r.Findings[1+i].Reply = fmt.Sprint(i), fmt.Sprint(i)
	}
	page := htmlOf(t, Options{}, r)
	if len(page) > 1<<20 {
		t.Errorf("%d KiB for one server", len(page)>>10)
	}
	for _, want := range []string{"more bytes are left out here]", "more lines are left out here]", "more rows are left out here]", "are left out here\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

// A card costs a few KB at first, a dead address of a range a byte of its block.
func TestHTMLMemory(t *testing.T) {
	live := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := live()
	w := newHTML(io.Discard, Options{})
	const n = 1000
	for i := range n {
		if err := w.Write(manyResult(i, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 20, byte(i >> 8), byte(i)}), 25))); err != nil {
			t.Fatal(err)
		}
	}
	if each := (live() - before) / n; each > 6<<10 {
		t.Errorf("%d bytes a server", each)
	}
	before = live()
	for i := range 65536 {
		r := probe.Result{Target: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 21, byte(i >> 8), byte(i)}), 25).String(), Verdict: probe.Unreachable, Reason: probe.ReasonTimeout}
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if all := live() - before; all > 256<<10 {
		t.Errorf("%d KiB for 65536 dead addresses", all>>10)
	}
	runtime.KeepAlive(w)
}

// What the page says first is true of what was found.
func TestHTMLLead(t *testing.T) {
	for want, results := range map[string]string{
		"Nothing was tested.":                                       "",
		"No mail server answered, so nothing can be said":           "timeout 192.0.2.1:25",
		"Of the one mail service tested, none relays":               "closed 192.0.2.1:25,timeout 192.0.2.2:25",
		"Of 2 mail services tested, none was found open, but 1 did": "closed 192.0.2.1:25,inconclusive 192.0.2.2:25",
		"Of 2 mail services tested, 1 agreed to take":               "open 192.0.2.1:25,inconclusive 192.0.2.2:25",
	} {
		h := &htmlReport{}
		for line := range strings.SplitSeq(results, ",") {
			if line != "" {
				h.sum.Add(result(line))
			}
		}
		if lead := h.lead(); len(lead) != 1 || !strings.HasPrefix(lead[0], want) {
			t.Errorf("%q: %q, want %q", results, lead, want)
		}
	}
}

// The law: whatever a record holds, the page has one script, ours, and no character that cannot be seen.
func FuzzHTML(f *testing.F) {
	lines, err := os.ReadFile("testdata/results.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	seeds := slices.Collect(bytes.Lines(lines))
	for _, r := range []probe.Result{hostileResult(), deliveredResult()} {
		seeds = append(seeds, []byte(render(f, format(f, "jsonl"), Options{}, []probe.Result{r})))
	}
	for line := range variants.Of(100, seeds...) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var results []probe.Result
		for r, err := range Read(bytes.NewReader(in)) {
			if err == nil {
				results = append(results, r)
			}
		}
		page := htmlOf(t, Options{}, results...)
		if scripts := elements(parsePage(t, page), "script"); len(scripts) != 1 || textOf(scripts[0]) != asset("page.js") {
			t.Errorf("%d scripts", len(scripts))
		}
		for _, c := range page {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Errorf("the page has %q", c)
				break
			}
		}
	})
}
