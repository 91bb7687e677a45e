package simnet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start serves them until the test ends.
func start(t testing.TB, o Options) *Servers {
	t.Helper()
	c, serve := listening(t, o)
	serve()
	return c
}

// listening is servers that take connections, and answer when they are told to.
func listening(t testing.TB, o Options) (c *Servers, serve func()) {
	t.Helper()
	c, err := New(netip.MustParseAddrPort("0.0.0.0:0"), o)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return c, func() { go func() { served <- c.Serve() }() }
}

func address(c *Servers, i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 99, byte(i >> 8), byte(i)}), c.Addr().Port())
}

func dial(t *testing.T, c *Servers, i int) (net.Conn, error) {
	conn, err := net.Dial("tcp4", address(c, i).String())
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, conn.SetDeadline(time.Now().Add(5 * time.Minute))
}

func connect(t *testing.T, c *Servers, i int) net.Conn {
	t.Helper()
	conn, err := dial(t, c, i)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// hear reads until the server hangs up, or until count lines, and returns the codes of the replies.
func hear(conn net.Conn, count int) string {
	var codes []string
	in := bufio.NewScanner(conn)
	for len(codes) < count && in.Scan() {
		if line := in.Text(); len(line) > 3 && line[3] == ' ' {
			codes = append(codes, line[:3])
		}
	}
	if len(codes) == count {
		return strings.Join(codes, " ")
	}
	if errors.Is(in.Err(), syscall.ECONNRESET) {
		return strings.Join(append(codes, "reset"), " ")
	}
	if in.Err() != nil {
		return strings.Join(append(codes, in.Err().Error()), " ")
	}
	return strings.Join(append(codes, "closed"), " ")
}

// converse sends text once it was greeted and returns the codes of all replies.
func converse(t *testing.T, c *Servers, i int, text string) string {
	t.Helper()
	conn, err := dial(t, c, i)
	if errors.Is(err, syscall.ECONNRESET) { // so soon that there never was a connection
		return "reset"
	}
	if err != nil {
		t.Fatal(err)
	}
	greeting := hear(conn, 1)
	switch greeting {
	case "closed", "reset":
		return greeting
	case "220", "554":
		_, _ = io.WriteString(conn, text)
	}
	return greeting + " " + hear(conn, math.MaxInt)
}

const recipients = "EHLO a.test\r\nMAIL FROM:<a@example.net>\r\n" +
	"RCPT TO:<b@example.org>\r\nRCPT TO:<b%example.org@local.test>\r\nRCPT TO:<example.org!b>\r\nRCPT TO:<@local.test:b@example.org>\r\n" +
	"RCPT TO:<\"b@example.org\"@local.test>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<nobody@local.test>\r\nRSET\r\nQUIT\r\n"

// Every row of Behaviours does what it says, to a client of a few lines.
func TestBehaviours(t *testing.T) {
	want := map[string]string{
		"closed":   "220 250 250 550 550 550 550 550 250 550 250 221 closed",
		"open":     "220 250 250 250 250 250 250 250 250 550 250 221 closed",
		"percent":  "220 250 250 550 250 550 550 550 250 550 250 221 closed",
		"partial":  "220 250 250 550 250 250 250 550 250 550 250 221 closed",
		"greylist": "220 250 250 451 451 451 451 451 250 550 250 221 closed",
		"auth":     "220 250 530 503 503 503 503 503 503 503 250 221 closed",
		"slow":     "220 250 250 550 550 550 550 550 250 550 250 221 closed",
		"tarpit":   "220 250 250 550 550 550 550 550 250 550 250 221 closed",
		"silent":   "",
		"hangup":   "closed",
		"reset":    "reset",
		"busy":     "421 closed",
		"reject":   "554 503 503 503 503 503 503 503 503 503 503 221 closed",
	}
	for _, b := range Behaviours {
		t.Run(b.Name, func(t *testing.T) {
			o := Options{Mix: Mix{{b, 1}}, SlowGreeting: 100 * time.Millisecond, Tarpit: 10 * time.Millisecond, Latency: time.Millisecond}
			c := start(t, o)
			began := time.Now()
			if b.early == silent {
				conn := connect(t, c, 1)
				_ = conn.SetDeadline(time.Now().Add(100 * time.Millisecond))
				_, _ = io.WriteString(conn, recipients)
				if n, err := conn.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("read %d bytes, %v", n, err)
				}
				return
			}
			if got := converse(t, c, 1, recipients); got != want[b.Name] {
				t.Errorf("got  %s\nwant %s", got, want[b.Name])
			}
			took := time.Since(began)
			if b.late == lateGreeting && took < c.SlowGreeting || b.late == lateReplies && took < 12*c.Tarpit {
				t.Errorf("all was said in %v", took)
			}
		})
	}
}

// What Expected says of an address is what a client finds there.
func TestExpected(t *testing.T) {
	mix, err := ParseMix("open=.2,percent=.2,greylist=.1,busy=.1,reject=.1,hangup=.1,auth=.1")
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Mix: mix, Seed: 7, Sequential: .5})
	kinds := make(map[string]string) // the name of what it is by what it says
	names := make(map[string]bool)
	pipelining := 0
	for i := range 100 {
		if c.Pipelines(address(c, i).Addr()) {
			pipelining++
		}
		said, name := converse(t, c, i, recipients), c.Expected(address(c, i).Addr()).Name
		if known := kinds[said]; known != "" && known != name {
			t.Errorf("address %d: %q is %s and was %s", i, said, name, known)
		}
		kinds[said] = name
		names[name] = true
	}
	if len(names) != 8 || len(kinds) != 8 {
		t.Errorf("%d kinds of servers said %d different things", len(names), len(kinds))
	}
	if pipelining < 25 || pipelining > 75 {
		t.Errorf("%d of 100 offer PIPELINING, want about half", pipelining)
	}
}

func TestShares(t *testing.T) {
	mix, err := ParseMix("open=.1,silent=.25")
	if err != nil {
		t.Fatal(err)
	}
	count := func(o Options) map[string]int {
		seen := make(map[string]int)
		for a := range Addresses(netip.MustParsePrefix("198.18.0.0/16"), 0) {
			seen[o.Expected(a.Addr()).Name]++
		}
		return seen
	}
	for seed := range uint64(3) {
		seen := count(Options{Mix: mix, Dead: .95, Seed: seed})
		living := 65536 - float64(seen["dead"])
		for name, share := range map[string]float64{"open": .1, "silent": .25, "closed": .65} {
			if got := float64(seen[name]) / living; math.Abs(got-share) > .04 {
				t.Errorf("seed %d: %.3f of the living are %s, want %.2f", seed, got, name, share)
			}
		}
		if math.Abs(living-65536*.05) > 200 {
			t.Errorf("seed %d: %.0f of 65536 are alive, want a twentieth", seed, living)
		}
	}
	some, many := Options{Mix: mix, Dead: .1}, Options{Mix: mix, Dead: .9}
	for a := range Addresses(netip.MustParsePrefix("10.0.0.0/22"), 0) {
		if is, was := many.Expected(a.Addr()).Name, some.Expected(a.Addr()).Name; is != was && is != "dead" {
			t.Fatalf("%s is %s, and %s where more are dead", a.Addr(), was, is)
		}
	}
}

func TestParseMix(t *testing.T) {
	for text, message := range map[string]string{
		"open":             `"open" is not a share from 0 to 1`,
		"open=2":           `"open=2" is not a share from 0 to 1`,
		"open=NaN":         `"open=NaN" is not a share from 0 to 1`,
		"wide-open=.1":     `no behaviour is called "wide-open"`,
		"open=.6,slow=.6":  `the shares of "open=.6,slow=.6" add up to 1.200`,
		"dead=.5":          `no behaviour is called "dead"`,
		"open=.1,,slow=.1": `no behaviour is called ""`,
	} {
		if _, err := ParseMix(text); err == nil || err.Error() != message {
			t.Errorf("ParseMix(%q) = %v, want %s", text, err, message)
		}
	}
	if mix, err := ParseMix(""); mix != nil || err != nil {
		t.Errorf(`ParseMix("") = %v, %v`, mix, err)
	}
}

// The limits cut a session as Postfix does: the twentieth error is answered, and 421 comes unasked.
func TestErrorLimits(t *testing.T) {
	o := Options{}.Postfix()
	o.ErrorDelay = time.Millisecond
	c := start(t, o)
	conn := connect(t, c, 1)
	_, _ = io.WriteString(conn, "EHLO a.test\r\nMAIL FROM:<a@example.net>\r\n"+strings.Repeat("RCPT TO:<b@example.org>\r\n", 30))
	want := "220 250 250" + strings.Repeat(" 550", 20) + " 421 closed"
	if got := hear(conn, math.MaxInt); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := c.Counts(); n.Cut != 1 || n.MaxRefused != 20 || n.Commands["RCPT"] != 20 {
		t.Errorf("counts:\n%s", n)
	}
	d := dialogue{o: &o}
	for d.errors = range 25 {
		if late := d.delay() > 0; late != (d.errors >= 10) {
			t.Errorf("after %d errors the next reply is late: %v", d.errors, late)
		}
	}
}

func TestStrict(t *testing.T) {
	tests := []struct {
		name       string
		sequential float64
		early      bool     // the first is sent before anybody is there to greet
		sends      []string // each but the first after the reply to the one before
		want       string
	}{
		{"before the greeting", 0, true, []string{"EHLO a.test\r\n"}, "220 554 closed"},
		{"in groups where it is offered", 0, false, []string{"", "EHLO a.test\r\n", "MAIL FROM:<>\r\nRSET\r\nQUIT\r\n"}, "220 250 250 250 221 closed"},
		{"in groups where it is not", 1, false, []string{"", "EHLO a.test\r\n", "MAIL FROM:<>\r\nRSET\r\n"}, "220 250 554 closed"},
		{"after EHLO", 0, false, []string{"", "EHLO a.test\r\nMAIL FROM:<>\r\n"}, "220 554 closed"},
		{"one by one", 1, false, []string{"", "EHLO a.test\r\n", "MAIL FROM:<>\r\n", "QUIT\r\n"}, "220 250 250 221 closed"},
	}
	for _, test := range tests {
		// Where the greeting is a moment late, what is there when the connection is taken comes before it.
		latency := map[bool]time.Duration{true: time.Millisecond}[test.early]
		c, serve := listening(t, Options{Strict: true, Sequential: test.sequential, Latency: latency})
		conn := connect(t, c, 1)
		if !test.early {
			serve()
		}
		var got []string
		for i, text := range test.sends {
			_, _ = io.WriteString(conn, text)
			if test.early {
				serve()
			}
			if i < len(test.sends)-1 {
				got = append(got, hear(conn, 1))
			}
		}
		got = append(got, hear(conn, math.MaxInt))
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
		if cut := strings.Contains(test.want, "554"); (c.Counts().SyncErrors == 1) != cut {
			t.Errorf("%s: counts:\n%s", test.name, c.Counts())
		}
	}
}

// The counters tell a message from an attempt, and DATA where it was invited from DATA where not.
func TestMessages(t *testing.T) {
	mix, _ := ParseMix("open=1")
	for _, test := range []struct {
		mix                              Mix
		rcpt, want                       string
		accepted, data, unasked, message int
	}{
		{mix, "<b@example.org>", "220 250 250 250 354 250 221 closed", 1, 1, 0, 1},
		{nil, "<b@example.org>", "220 250 250 550 554 502 502 502 221 closed", 0, 1, 1, 0},
		{nil, "<postmaster>", "220 250 250 250 354 250 221 closed", 0, 1, 1, 1},
	} {
		c := start(t, Options{Mix: test.mix})
		conn := connect(t, c, 1)
		_, _ = io.WriteString(conn, "EHLO a.test\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:"+test.rcpt+"\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n")
		if got := hear(conn, math.MaxInt); got != test.want {
			t.Errorf("%s: got %s, want %s", test.rcpt, got, test.want)
		}
		n := c.Counts()
		if n.Accepted != test.accepted || n.Commands["DATA"] != test.data || n.UnaskedData != test.unasked || n.Messages != test.message {
			t.Errorf("%s: counts:\n%s", test.rcpt, n)
		}
	}
}

// Commands may come in any pieces.
func TestPieces(t *testing.T) {
	c := start(t, Options{})
	conn := connect(t, c, 1)
	for _, b := range []byte("ehlo a.test\r\nMAIL FROM:<>\nRCPT TO:<b@example.org>\r\nquit\r\n") {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if got := hear(conn, math.MaxInt); got != "220 250 250 550 221 closed" {
		t.Error(got)
	}
	long := connect(t, c, 2)
	_, _ = io.WriteString(long, strings.Repeat("x", 100_000)+"\r\nQUIT\r\n")
	if got := hear(long, math.MaxInt); got != "220 502 221 closed" {
		t.Error(got)
	}
}

// Sessions at one address at once are counted, and a session right after another is not at once.
func TestMaxOpen(t *testing.T) {
	c := start(t, Options{})
	for range 300 {
		conn := connect(t, c, 1)
		hear(conn, 1)
		_ = conn.Close()
	}
	if n := c.Counts(); n.MaxOpenPerAddress != 1 || n.MaxOpenPerNetwork != 1 {
		t.Errorf("one after another: counts:\n%s", n)
	}
	for _, i := range []int{1, 2, 3, 2, 256, 257} {
		hear(connect(t, c, i), 1)
	}
	if n := c.Counts(); n.MaxOpenPerAddress != 2 || n.MaxOpenPerNetwork != 4 || n.MaxOpen != 6 {
		t.Errorf("all at once: counts:\n%s", n)
	}
}

// A test must not offer an open relay to the network.
func TestWithin(t *testing.T) {
	mix, _ := ParseMix("open=1")
	c := start(t, Options{Mix: mix, Within: netip.MustParsePrefix("127.98.0.0/16")})
	if got := converse(t, c, 1, ""); got != "reset" {
		t.Errorf("an address outside said %s", got)
	}
	if n := c.Counts(); n.Sessions != 0 {
		t.Errorf("counts:\n%s", n)
	}
}

// The yardstick reads every reply, and the servers count what they say.
func TestBare(t *testing.T) {
	mix, _ := ParseMix("percent=.5")
	for _, test := range []struct {
		b        Bare
		commands int // to a server
		accepted int // by a server with the percent hole
	}{
		{Bare{Probes: 16, Workers: 40}, 1 + 16 + 16 + 15 + 1, 2},
		{Bare{Probes: 16, Workers: 40, Sequential: true}, 1 + 16 + 16 + 15 + 1, 2},
		{Bare{Probes: 16, Sessions: 2, Workers: 40}, 2 * (1 + 8 + 8 + 7 + 1), 2},
		{Bare{Probes: 1, Workers: 40}, 4, 0},
	} {
		c := start(t, Options{Mix: mix, Latency: time.Millisecond})
		network := netip.MustParsePrefix("127.99.0.0/24")
		answered, accepted := test.b.Run(context.Background(), Addresses(network, c.Addr().Port()))
		holes := 0
		for a := range Addresses(network, 0) {
			if c.Expected(a.Addr()).Name == "percent" {
				holes++
			}
		}
		n := c.Counts()
		total := 0
		for _, v := range n.Commands {
			total += v
		}
		if answered != 256 || accepted != test.accepted*holes || holes == 0 || n.Accepted != accepted {
			t.Errorf("%+v: %d answered, %d accepted where %d have a hole\n%s", test.b, answered, accepted, holes, n)
		}
		if n.Sessions != 256*max(test.b.Sessions, 1) || total != 256*test.commands || n.MaxOpenPerAddress != 1 || n.MaxOpen > 40+1 {
			t.Errorf("%+v: counts:\n%s", test.b, n)
		}
		if n.CPU <= 0 {
			t.Errorf("%+v: the servers took no CPU", test.b)
		}
	}
}

// Close ends sessions in any state and leaves no descriptor behind (TestMain looks for goroutines).
func TestClose(t *testing.T) {
	descriptors := func() int {
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skipf("cannot count descriptors: %v", err)
		}
		return len(open)
	}
	before := descriptors()
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			mix, _ := ParseMix("silent=.3,slow=.3")
			c := start(t, Options{Mix: mix, Latency: time.Minute})
			if i%2 == 0 {
				_ = c.Close() // perhaps before Serve
			}
			for j := range 10 * (i % 2) {
				_, _ = io.WriteString(connect(t, c, j), recipients)
			}
		})
	}
	if after := descriptors(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestNew(t *testing.T) {
	c := start(t, Options{})
	if _, err := New(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), c.Addr().Port()), Options{}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second listener: %v", err)
	}
	if _, err := New(netip.MustParseAddrPort("[::1]:0"), Options{}); err == nil {
		t.Error("listens on IPv6")
	}
}
