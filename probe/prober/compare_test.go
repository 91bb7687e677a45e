package prober_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openrelay/internal/mtatest"
	"openrelay/probe"
)

var compare = flag.Bool("compare", false, "measure what nmap and swaks find on the real servers, and write it into docs/measurements.md")

// answer is what a tool says of a server.
type answer string

const (
	saysOpen   answer = "open"
	saysClosed answer = "closed"
	saysNot    answer = "no answer" // in doubt, out of time, or stopped by an error
)

// tool is one of those compared. Its ask returns what the tool says and the words it said it in.
type tool struct {
	name string
	ask  func(*testing.T, *mtatest.Server) (answer, string)
}

var tools = [...]tool{{"openrelay", askOpenrelay}, {"nmap", askNmap}, {"swaks", askSwaks}}

// atOnce is how many servers are asked at a time: asking is mostly waiting, also where there are few
// processors, and that is what -parallel goes by.
const atOnce = 8

// askFor is the time that each tool has for a server.
const askFor = time.Minute

// TestCompare is a measurement, not a check: it fails where a tool cannot be run, not where it errs.
// Every tool has each server fresh, so that none passes the greylisting that another waited for.
func TestCompare(t *testing.T) {
	if !*compare {
		t.Skip("a measurement of several minutes: ask for it with -compare")
	}
	for _, name := range []string{"nmap", "swaks"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%v: apt-get install nmap swaks", err)
		}
	}
	answers := make([][]answer, len(mtatest.Configs))
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, c := range mtatest.Configs {
		answers[i] = make([]answer, len(tools))
		for j, tool := range tools {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				t.Run(c.Name+" "+tool.name, func(t *testing.T) { answers[i][j] = measured(t, c, tool) })
			})
		}
	}
	all.Wait()
	table := comparison(t, answers)
	t.Logf("\n%s", table)
	if slices.ContainsFunc(answers, func(row []answer) bool { return slices.Contains(row, "") }) {
		t.Skip("docs/measurements.md stays as it is: not everything was measured")
	}
	writeComparison(t, table)
}

// measured starts a server and returns what the tool says of it.
func measured(t *testing.T, c mtatest.Config, tool tool) answer {
	s := mtatest.Start(t, c.Name)
	began := time.Now()
	got, words := tool.ask(t, s)
	remark := ""
	if got != rightOf(c) {
		remark = ", and it is " + string(c.Verdict)
	}
	t.Logf("%s: %s says %s%s, in %v: %s", c.Name, tool.name, got, remark, time.Since(began).Round(time.Millisecond), words)
	return got
}

// rightOf is the right thing to say. A sink agrees to take a stranger's mail: what becomes of it
// cannot be known without sending some.
func rightOf(c mtatest.Config) answer {
	if c.Verdict == mtatest.Closed {
		return saysClosed
	}
	return saysOpen
}

// askOpenrelay asks as TestRealServers does.
func askOpenrelay(t *testing.T, s *mtatest.Server) (answer, string) {
	v, _ := probe.Find(s.Vector)
	profile := "standard"
	if v.Class == probe.Historic {
		profile = "thorough" // as whoever looks for forms of the last century would ask
	}
	p := forServers(t, profile, v.Class == probe.Intrusive)
	p.Limits.Total = askFor
	res := p.Probe(context.Background(), probe.Target{Addr: s.Addr, Named: true})
	words := fmt.Sprintf("%v (%s)", res.Verdict, res.Reason)
	switch res.Verdict {
	case probe.Open:
		return saysOpen, words
	case probe.Closed:
		return saysClosed, words
	}
	return saysNot, words
}

var nmapOutput = regexp.MustCompile(`<script id="smtp-open-relay" output="([^"]*)"`)

// askNmap gives the script a recipient's domain that the servers can resolve, and the address that is
// the server's and not the forwarder's. The plus makes it run on a port that is not one for mail.
func askNmap(t *testing.T, s *mtatest.Server) (answer, string) {
	host, port, err := net.SplitHostPort(forward(t, s))
	if err != nil {
		t.Fatal(err)
	}
	out, _ := run(t, "nmap", "-Pn", "-n", "-p", port, "--script", "+smtp-open-relay",
		"--script-args", "smtp-open-relay.domain=receiver.test,smtp-open-relay.from=audit,smtp-open-relay.to=stranger,"+
			"smtp-open-relay.ip="+s.IP().String(),
		"--script-timeout", fmt.Sprintf("%.0fs", askFor.Seconds()), "-oX", "-", host)
	words := "nothing"
	if m := nmapOutput.FindStringSubmatch(out); m != nil {
		words = html.UnescapeString(m[1])
	}
	switch {
	case strings.HasPrefix(words, "Server is an open relay"):
		return saysOpen, words
	case strings.HasPrefix(words, "Server "): // doesn't seem to be one, isn't one
		return saysClosed, words
	}
	return saysNot, words
}

// askSwaks asks the one plain question. Its exit status is 0 if the recipient was accepted and 24 if
// he was not; with any other it did not come to ask.
func askSwaks(t *testing.T, s *mtatest.Server) (answer, string) {
	out, status := run(t, "swaks", "--server", forward(t, s), "--helo", "probe.sender.test",
		"--from", "audit@sender.test", "--to", "stranger@receiver.test", "--quit-after", "RCPT")
	words := fmt.Sprintf("exit status %d", status)
	for line := range strings.Lines(out) {
		if said, ok := strings.CutPrefix(line, "<** "); ok {
			words += ", " + strings.TrimSpace(said)
		}
	}
	switch status {
	case 0:
		return saysOpen, words
	case 24:
		return saysClosed, words
	}
	return saysNot, words
}

// run returns what a program prints and its exit status, or -1 if it was still at it after its time,
// to which its own start and end are added.
func run(t *testing.T, name string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), askFor+10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return string(out), exit.ExitCode()
	}
	return string(out), 0
}

// forward returns an address where everything goes on to the server, as from a stranger: neither
// program can choose the address it connects from, and some servers trust 127.0.0.1.
func forward(t *testing.T, s *mtatest.Server) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	stranger := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(mtatest.Stranger)}}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := stranger.Dial("tcp4", s.Addr.String())
			if err != nil {
				client.Close()
				continue
			}
			go pass(client, server)
			go pass(server, client)
		}
	}()
	return l.Addr().String()
}

// pass hands on what one side says, and that it said its last.
func pass(from, to net.Conn) {
	io.Copy(to, from)
	to.(*net.TCPConn).CloseWrite()
}

// groups are the rows of the table.
var groups = []string{
	"open to everybody",
	"open by one vector",
	"open behind TLS, greylisting, checks or limits",
	"sinks: open, and the mail goes nowhere",
	"closed",
	"closed behind TLS, greylisting, checks or limits",
}

// groupOf returns the row that counts a configuration.
func groupOf(c mtatest.Config) int {
	switch {
	case c.Vector != "":
		return 1
	case c.Verdict == mtatest.Sink:
		return 3
	case c.Verdict == mtatest.Open && behind(c):
		return 2
	case c.Verdict == mtatest.Open:
		return 0
	case behind(c):
		return 5
	}
	return 4
}

// behind: something stands before the answer.
func behind(c mtatest.Config) bool {
	return c.Masked != "" || c.Mail != "" || slices.Contains(c.Opens, "STARTTLS")
}

// tally is how a tool did.
type tally struct{ of, right, missed, alarms, silent int }

func (n *tally) add(c mtatest.Config, got answer) {
	n.of++
	switch {
	case got == rightOf(c):
		n.right++
	case got == saysClosed:
		n.missed++
	case got == saysOpen:
		n.alarms++
	default:
		n.silent++
	}
}

func (n tally) String() string {
	b := fmt.Sprintf("%d of %d", n.right, n.of)
	for _, wrong := range []struct {
		n    int
		what string
	}{{n.missed, "missed"}, {n.alarms, "false"}, {n.silent, "no answer"}} {
		if wrong.n > 0 {
			b += fmt.Sprintf(", %d %s", wrong.n, wrong.what)
		}
	}
	return b
}

// comparison is the table, headed by which programs it is about.
func comparison(t *testing.T, answers [][]answer) string {
	counts := make([][len(tools)]tally, len(groups)+1) // the last is of all
	for i, c := range mtatest.Configs {
		for j, got := range answers[i] {
			if got != "" {
				counts[groupOf(c)][j].add(c, got)
				counts[len(groups)][j].add(c, got)
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n| servers | openrelay | nmap %s | swaks %s |\n|---|---|---|---|\n", version(t, "nmap"), version(t, "swaks"))
	for i, row := range append(groups, "all") {
		fmt.Fprintf(&b, "| %s | %v | %v | %v |\n", row, counts[i][0], counts[i][1], counts[i][2])
	}
	return b.String() + "\n"
}

var versionOf = regexp.MustCompile(`(?i)version (\S+)`)

func version(t *testing.T, program string) string {
	out, _ := run(t, program, "--version")
	if m := versionOf.FindStringSubmatch(out); m != nil {
		return m[1]
	}
	return ""
}

func writeComparison(t *testing.T, table string) {
	const page, begin, end = "../../docs/measurements.md", "-compare -->\n", "<!-- /compare -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the comparison", page)
	}
	if err := os.WriteFile(page, []byte(head+begin+table+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
