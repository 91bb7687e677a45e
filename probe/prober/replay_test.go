package prober_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/prober"
	"openrelay/probe/wire"
	"openrelay/scanner/demo"
)

// A dialogue file is what a server said and what it must be judged to be. Headers, an empty line, then
// connections in the text form of a transcript, each begun by a line "*: connection". The test plays
// the server's half and holds our half to the bytes. A line "*: hang up" closes the
// connection there, "*: no reply in time" leaves it open and says nothing more, "*: TLS begun" begins
// TLS, and other notes are ignored: a transcript out of a report can be pasted as it is.
//
//	verdict, reason, proof, traits, mta       what the result must say
//	vectors                                   ids to try; the core by default
//	local-domain, local-user, from-domain, to-domain  as the flags of the same names
//	retry-for                                 how long to come back, in seconds; no time passes
//	in-a-range                                yes: the target is one of a range, not named
type replayed struct {
	headers     map[string]string
	connections []dialogue.Transcript
}

var dialogueHeaders = strings.Fields("verdict reason proof traits mta vectors local-domain local-user from-domain to-domain retry-for in-a-range")

func readDialogue(t *testing.T, file string) replayed {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := strings.Cut(string(text), "\n\n")
	if !ok {
		t.Fatalf("%s: no empty line after the headers", file)
	}
	d := replayed{headers: make(map[string]string)}
	for line := range strings.Lines(head) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || !slices.Contains(dialogueHeaders, key) || key == "in-a-range" && value != "yes" {
			t.Fatalf("%s: bad header %q", file, line)
		}
		d.headers[key] = value
	}
	transcript, err := dialogue.ParseTranscript(body)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, line := range transcript {
		if line.From == dialogue.Note && line.Data == "connection" {
			d.connections = append(d.connections, nil)
			continue
		}
		last := len(d.connections) - 1
		if last < 0 {
			t.Fatalf("%s: dialogue does not begin with \"*: connection\"", file)
		}
		d.connections[last] = append(d.connections[last], line)
	}
	return d
}

// play is the server: one connection after the other, each by the book.
func (d replayed) play(l net.Listener, certified *tls.Config) (wrong []error) {
	for i, c := range d.connections {
		nc, err := l.Accept()
		if err != nil {
			return append(wrong, fmt.Errorf("connection %d of %d was never made", i+1, len(d.connections)))
		}
		if err := playOne(nc, certified, c); err != nil {
			wrong = append(wrong, fmt.Errorf("connection %d: %w", i+1, err))
		}
		_ = nc.Close()
	}
	if nc, err := l.Accept(); err == nil {
		wrong = append(wrong, fmt.Errorf("one connection more than the %d of the dialogue", len(d.connections)))
		_ = nc.Close()
	}
	return wrong
}

func playOne(nc net.Conn, certified *tls.Config, lines dialogue.Transcript) error {
	in := bufio.NewReader(nc)
	for _, line := range lines {
		switch {
		case line.From == dialogue.Note && (line.Data == "hang up" || line.Data == wire.ErrClosed.Error()):
			return nil
		case line.From == dialogue.Note && line.Data == wire.ErrTimeout.Error():
			_, _ = io.Copy(io.Discard, in)
			return nil
		case line.From == dialogue.Note && strings.HasPrefix(line.Data, "TLS begun"):
			tc := tls.Server(nc, certified)
			if err := tc.Handshake(); err != nil {
				return err
			}
			nc, in = tc, bufio.NewReader(tc)
		case line.From == dialogue.Server:
			if _, err := io.WriteString(nc, line.Data); err != nil {
				return err
			}
		case line.From == dialogue.Client:
			got, err := in.ReadString('\n')
			if got == "" && line.Data == "QUIT\r\n" {
				return nil // whether we get to say it after a 421 is a matter of time
			}
			if got != line.Data {
				return fmt.Errorf("we said %q, want %q (%v)", got, line.Data, err)
			}
		}
	}
	rest, _ := io.ReadAll(in)
	if len(rest) > 0 {
		return fmt.Errorf("we said %q after the end", rest)
	}
	return nil
}

func (d replayed) prober(t *testing.T) *clocked {
	t.Helper()
	p := &clocked{t: t, Prober: &prober.Prober{
		Helo: "probe.example.net", Dial: network.DialContext,
		Nonce: func() string { return "nonce" },
		Limits: prober.Limits{
			Connect: 5 * time.Second, Greeting: 500 * time.Millisecond, Reply: 500 * time.Millisecond, Retry: -1,
		},
	}}
	p.Vectors, _ = probe.Select("quick", false)
	if ids := strings.Fields(d.headers["vectors"]); len(ids) > 0 {
		p.Vectors = nil
		for _, id := range ids {
			v, ok := probe.Find(id)
			if !ok {
				t.Fatalf("unknown vector %q", id)
			}
			p.Vectors = append(p.Vectors, v)
		}
	}
	p.LocalDomains, p.LocalUsers = strings.Fields(d.headers["local-domain"]), strings.Fields(d.headers["local-user"])
	p.FromDomains = strings.Fields(d.headers["from-domain"])
	p.ToDomains = strings.Fields(d.headers["to-domain"])
	if d.headers["proof"] == "rcpt" {
		p.Proof = probe.Rcpt
	}
	if s, err := strconv.Atoi(d.headers["retry-for"]); err == nil {
		p.Limits.Retry = time.Duration(s) * time.Second
	}
	p.Pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return p
}

func TestReplay(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogue/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	certified, err := demo.TLS()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			d := readDialogue(t, file)
			var wrong []error
			target := listen(t, func(l net.Listener) { wrong = d.play(l, certified) })
			target.Named = d.headers["in-a-range"] == ""
			res := d.prober(t).Probe(t.Context(), target)
			for _, err := range wrong {
				t.Error(err)
			}
			check(t, d, res)
		})
	}
}

func check(t *testing.T, d replayed, res *probe.Result) {
	t.Helper()
	got := map[string]string{
		"verdict": res.Verdict.String(), "reason": string(res.Reason), "proof": res.Proof.String(), "mta": res.Server.MTA,
	}
	var traits []string
	for _, trait := range res.Traits {
		traits = append(traits, string(trait.Name))
	}
	got["traits"] = strings.Join(traits, " ")
	for _, key := range []string{"verdict", "reason", "proof", "traits", "mta"} {
		want, ok := d.headers[key]
		if (ok || key == "verdict" || key == "reason") && got[key] != want {
			t.Errorf("%s %q, want %q", key, got[key], want)
		}
	}
	explained(t, res)
	if t.Failed() {
		t.Logf("detail %q", res.Detail)
		for _, f := range res.Findings {
			t.Logf("%s %s: %s %s %q", f.Vector, f.Via, f.Outcome, f.Meaning, f.Reply)
		}
	}
}
