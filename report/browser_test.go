package report

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"openrelay/probe"
)

var screenshots = flag.String("screenshots", "", "directory to leave pictures of the HTML report in")

// absent skips a test for want of a program, but fails it where CI says that all must be there.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// browser starts a Chromium that knows nothing of the user's, and returns a context to open tabs from.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		absent(t, "no chromium here: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab is a page in the browser, and what went wrong in it.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
	problems []string
}

// newTab opens a tab of so many pixels that prefers a colour scheme.
func newTab(t *testing.T, browser context.Context, width, height int64, scheme string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	b := &tab{T: t, ctx: ctx}
	b.check(chromedp.Listen(ctx, b.heard))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	b.check(err)
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	b.check(err)
	b.prefer(scheme)
	b.check(chromedp.Do(ctx, chromedp.EmulateViewport(width, height)))
	return b
}

func (b *tab) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *tab) heard(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		b.problems = append(b.problems, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, fmt.Sprintf("exception: %s", e.ExceptionDetails.Text))
	case *runtime.EventConsoleAPICalled:
		b.problems = append(b.problems, fmt.Sprintf("console.%s", e.Type))
	}
}

func (b *tab) prefer(scheme string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	b.check(err)
}

// open shows a report of results, at a fragment of it, "" or "#id".
func (b *tab) open(fragment string, results []probe.Result) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "report.html")
	b.check(os.WriteFile(file, []byte(htmlOf(b.T, Options{}, results...)), 0o666))
	b.check(chromedp.Do(b.ctx, chromedp.Navigate("file://"+file+fragment)))
}

// quiet checks that nothing was asked of anybody and that the browser found nothing to complain of.
func (b *tab) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) == 0 {
		b.Error("not even the page was asked for: is anybody listening?")
	}
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "file://") || !strings.Contains(r, "/report.html") {
			b.Errorf("the page asked for %s", r)
		}
	}
	for _, p := range b.problems {
		b.Error(p)
	}
}

// value evaluates a JavaScript expression.
func value[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for a JavaScript expression to be true.
func (b *tab) until(expression string) {
	b.Helper()
	for end := time.Now().Add(time.Minute); !value[bool](b, expression); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("never: %s; it says %q", expression, value[string](b, `document.getElementById("shown").textContent`))
		}
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	b.check(chromedp.Do(b.ctx, actions...))
}

// picture leaves a picture of the whole page, if pictures were asked for.
func (b *tab) picture(name string) {
	b.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.check(err)
	b.check(os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o666))
}

// shownCards counts the cards that no filter hides.
const shownCards = `document.querySelectorAll("#list > li:not([hidden])").length`

// reportForBrowser has every kind of card, a range, and a hostile server.
func reportForBrowser(t *testing.T) []probe.Result {
	results := append(saved(t), deliveredResult(), hostileResult())
	for i := range 80 {
		r := manyResult(i, netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 25))
		r.Named, r.Name = false, ""
		results = append(results, r)
	}
	return results
}

// A reader filters, searches and opens cards, with the mouse and with the keyboard, and the page asks
// nothing of anybody.
func TestHTMLInBrowser(t *testing.T) {
	b := newTab(t, browser(t), 1200, 900, "light")
	b.open("", reportForBrowser(t))
	all := value[int](b, shownCards)
	if want := len(cardIDs(parsePage(t, htmlOf(t, Options{}, reportForBrowser(t)...)))); all != want {
		t.Fatalf("%d cards are shown, want %d", all, want)
	}
	says := func(n int) string {
		return fmt.Sprintf(`document.getElementById("shown").textContent === "%d of %d shown, worst news first." && %s === %[1]d`, n, all, shownCards)
	}

	count := func(selector string) int {
		return value[int](b, fmt.Sprintf("document.querySelectorAll(`#list > li%s`).length", selector))
	}
	choose := func(facet, val string) {
		value[bool](b, fmt.Sprintf(`(select => { select.value = %q; return select.dispatchEvent(new Event("input", {bubbles: true})); })(document.querySelector("select[name=%s]"))`, val, facet))
	}
	open := count(`[data-verdict="open"]`)
	choose("verdict", "open")
	b.until(says(open))
	choose("mta", "Postfix")
	b.until(says(count(`[data-verdict="open"][data-mta="Postfix"]`)))
	b.do(chromedp.Click(chromedp.CSS("button[type=reset]")))
	b.until(fmt.Sprintf("%s === %d", shownCards, all))
	choose("port", "2525")
	b.until(says(count(`[data-port="2525"]`)))
	choose("port", "*")
	choose("reason", "greylisted")
	b.until(says(count(`[data-reason="greylisted"]`)))
	choose("reason", "*")
	choose("found", "worse")
	b.until(says(count(`[data-found="worse"]`)))
	choose("found", "")
	b.until(says(count(`:not([data-found])`)))

	b.do(chromedp.Click(chromedp.CSS("button[type=reset]")), chromedp.SendKeys(chromedp.CSS("input[type=search]"), "GREY.example postgrey.example"))
	b.until(says(1)) // in a reply, which nobody has unfolded
	b.do(chromedp.Click(chromedp.CSS("button[type=reset]")), chromedp.SendKeys(chromedp.CSS("input[type=search]"), "<script>alert(1)</script>"))
	b.until(says(3))
	b.do(chromedp.Click(chromedp.CSS("button[type=reset]")), chromedp.SendKeys(chromedp.CSS("input[type=search]"), "nobody says this"))
	b.until(fmt.Sprintf(`document.getElementById("shown").textContent === "No server matches, of %d."`, all))
	b.do(chromedp.Click(chromedp.CSS("button[type=reset]")))
	b.until(fmt.Sprintf("%s === %d", shownCards, all))

	card := `document.getElementById("2001:db8::5-25")`
	b.do(chromedp.Click(chromedp.JSPath(card + `.querySelector("summary")`)))
	b.until(card + `.querySelector(".dialogue .deciding") !== null && ` + card + `.querySelector("noscript") === null`)
	if text := value[string](b, card+`.innerText`); !strings.Contains(text, "> S: 250 2.1.5 Ok") || !strings.Contains(text, "mynetworks = 127.0.0.0/8 [::1]/128") {
		t.Errorf("the card says\n%s", text)
	}
	next := `document.getElementById("192.0.2.11-25")`
	value[bool](b, next+`.querySelector("summary").focus() === undefined`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(next + `.querySelector("details").open && ` + next + `.querySelector(".deciding") !== null`)

	b.do(chromedp.Click(chromedp.CSS(`a[data-reason="greylisted"]`)))
	b.until(says(count(`[data-reason="greylisted"]`)))
	value[bool](b, `(location.hash = "#192.0.2.5-25") !== ""`) // a closed server, which the filter hides
	b.until(`document.getElementById("192.0.2.5-25").querySelector(".asked") !== null && ` + shownCards + fmt.Sprintf(" === %d", all))

	value[bool](b, `(() => { const box = document.querySelector("svg.map").getBoundingClientRect();
		return document.querySelector("svg.map").dispatchEvent(new MouseEvent("click", {clientX: box.left + box.width * 3.5 / 16, clientY: box.top + box.height * 4.5 / 16, bubbles: true})); })()`)
	b.until(`document.querySelector("input[type=search]").value === "198.51.100.67" && ` + shownCards + " === 1")

	value[bool](b, `document.querySelector("button[type=reset]").click() === undefined`)
	b.until(fmt.Sprintf("%s === %d", shownCards, all))
	value[bool](b, `dispatchEvent(new Event("beforeprint"))`)
	if open := value[int](b, `document.querySelectorAll("#list > li > details[open]").length`); open != all {
		t.Errorf("printed with %d of %d cards open", open, all)
	}
	value[bool](b, `dispatchEvent(new Event("afterprint"))`)
	b.quiet()
}

// Without scripts, everything can be read.
func TestHTMLWithoutScript(t *testing.T) {
	b := newTab(t, browser(t), 1200, 900, "light")
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.check(err)
	b.open("", saved(t))
	value[bool](b, `document.getElementById("2001:db8::5-25").querySelector("summary").click() === undefined`)
	b.until(`document.getElementById("2001:db8::5-25").querySelector("details").open`)
	text := value[string](b, `document.body.innerText`)
	if !strings.Contains(text, "> S: 250 2.1.5 Ok") {
		t.Error("the dialogue of an opened card cannot be read")
	}
	if strings.Contains(text, "Clear filters") {
		t.Error("there is a filter, and it does nothing")
	}
	b.picture("without-script")
	b.quiet()
}

// axe is what axe-core says of a page.
type axe struct {
	Violations []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML, FailureSummary string }
	}
	Passes []struct{ ID string }
}

// axe-core finds nothing, in either scheme, wide and narrow, with cards open.
func TestHTMLIsAccessible(t *testing.T) {
	source, err := os.ReadFile("../.ci/npm/node_modules/axe-core/axe.min.js")
	if err != nil {
		absent(t, "no axe-core here: npm ci --prefix .ci/npm")
	}
	results := reportForBrowser(t)
	chromium := browser(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1200, 380} {
			t.Run(fmt.Sprint(scheme, " ", width), func(t *testing.T) {
				b := newTab(t, chromium, width, 900, scheme)
				b.open("", results)
				b.picture(fmt.Sprintf("%s-%d-closed", scheme, width))
				value[int](b, `[...document.querySelectorAll("#list > li")].filter((c, i) => i < 8 || i % 11 == 0).map(c => c.firstElementChild.open = true).length`)
				value[bool](b, `(document.querySelector(".alternative") || {}).open = true`)
				b.until(`document.querySelectorAll("details[open] > noscript").length === 0`)
				b.picture(fmt.Sprintf("%s-%d", scheme, width))
				if overflow := value[int](b, `document.documentElement.scrollWidth - innerWidth`); overflow > 0 {
					t.Errorf("the page is %d pixels wider than the screen", overflow)
				}
				_ = value[[]byte](b, string(source)+"; true")
				_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => { window.found = JSON.stringify(r); return true; })`, chromedp.EvalAwaitPromise))
				b.check(err)
				var found axe
				b.check(json.Unmarshal([]byte(value[string](b, "found")), &found))
				if len(found.Passes) < 20 {
					t.Errorf("only %d rules passed: did it run?", len(found.Passes))
				}
				for _, v := range found.Violations {
					t.Errorf("%s (%s): %s; %d of them, the first %.300s: %s", v.ID, v.Impact, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
				}
				t.Logf("%d rules passed, %d violated", len(found.Passes), len(found.Violations))
				b.quiet()
			})
		}
	}
}

// Ten thousand cards are opened, searched and jumped into. How long that takes is only said.
func TestHTMLOfManyInBrowser(t *testing.T) {
	const n = 10_000
	results := many(n)
	b := newTab(t, browser(t), 1200, 900, "light")
	_, err := chromedp.Call(b.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	b.check(err)
	b.open("#10.20.5.5-25", results)
	b.until(`document.getElementById("10.20.5.5-25").querySelector(".asked") !== null`)
	t.Log(value[string](b, `(e => "DOM after " + Math.round(e.domContentLoadedEventEnd) + " ms, loaded after " + Math.round(e.loadEventEnd) +
		" ms, first paint after " + Math.round((performance.getEntriesByName("first-contentful-paint")[0] || {}).startTime) + " ms")(performance.getEntriesByType("navigation")[0])`))
	metrics, err := chromedp.Call(b.ctx, performance.GetMetrics, cdp.Empty{})
	b.check(err)
	for _, m := range metrics.Metrics {
		switch m.Name {
		case "Nodes", "JSHeapUsedSize", "TaskDuration", "ScriptDuration", "LayoutDuration":
			t.Logf("%s %v (durations are seconds of processor time)", m.Name, m.Value)
		}
	}
	if shown := value[int](b, shownCards); shown != n {
		t.Errorf("%d cards", shown)
	}
	t.Logf("first search: %d ms, next: %d ms", value[int](b, searchFor("mynetworks")), value[int](b, searchFor("mx77.example")))
	if shown := value[int](b, shownCards); shown != 1 {
		t.Errorf("the search shows %d cards", shown)
	}
	b.quiet()
}

// searchFor is an expression that searches at once, and says how long that took.
func searchFor(words string) string {
	return fmt.Sprintf(`(() => { const form = document.getElementById("filter"), t = performance.now(); form.words.value = %q; form.requestSubmit(); void document.body.offsetHeight; return Math.round(performance.now() - t); })()`, words)
}

// Printed, every card is open.
func TestHTMLPrinted(t *testing.T) {
	b := newTab(t, browser(t), 1200, 900, "dark")
	b.open("", append(saved(t), deliveredResult(), hostileResult()))
	res, err := chromedp.Call(b.ctx, cdpage.PrintToPDF, cdpage.PrintToPDFParams{PreferCSSPageSize: new(true)})
	b.check(err)
	if !strings.HasPrefix(string(res.Data), "%PDF-") {
		t.Errorf("no PDF: %.20q", res.Data)
	}
	if *screenshots != "" {
		b.check(os.WriteFile(filepath.Join(*screenshots, "report.pdf"), res.Data, 0o666))
	}
	if open := value[int](b, `document.querySelectorAll("#list details[open]").length`); open != 0 {
		t.Errorf("%d cards are still open after printing", open)
	}
	b.quiet()
}
