package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"openrelay/probe"
)

// wordy is a closed server whose card is some 10 KB.
func wordy(n int) probe.Result {
	r := probe.Result{Target: fmt.Sprintf("192.0.2.%d:%d", n%256, 1025+n/256), Verdict: probe.Closed, Reason: "relay-denied"}
	for i := range 40 {
		r.Findings = append(r.Findings, probe.Finding{Vector: probe.Vectors[i].ID, From: "<a@example.com>", To: "<b@example.org>",
			Outcome: probe.OutcomeRefused, Reply: fmt.Sprintf("550 5.7.1 No: %d.%d", n, i)})
	}
	return r
}

// silent is a port of a named server that may not be offered.
func silent(n int) probe.Result {
	name := fmt.Sprintf("mx%d.example.net", n)
	return probe.Result{Target: fmt.Sprintf("[2001:db8::%x]:465", n), Name: name, Named: true, Optional: true,
		Verdict: probe.Unreachable, Reason: probe.ReasonRefused, Stage: probe.StageConnect, Detail: "connection refused"}
}

func heapInUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A page of many servers takes memory for their order, not for what it says of them: neither before it is written, nor
// meanwhile.
func TestHTMLMemoryOfMany(t *testing.T) {
	const more = 500
	pr, pw := io.Pipe()
	h := newHTML(pw, Options{}).(*htmlReport)
	write := func(from, to int) {
		for n := from; n < to; n++ {
			if err := errors.Join(h.Write(wordy(n)), h.Write(silent(n))); err != nil {
				t.Fatal(err)
			}
		}
	}
	n := 0
	for ; h.spool.file == nil && !h.spool.none; n++ {
		if write(n, n+1); n > mostHeld>>10 {
			t.Fatal("everything is kept in memory")
		}
	}
	before := heapInUse()
	write(n, n+more)
	if each := (heapInUse() - before) / more; each > 1<<10 {
		t.Errorf("two servers take %d bytes before the page is written", each)
	}
	closed := make(chan error)
	go func() {
		err := h.Close()
		_ = pw.Close()
		closed <- err
	}()
	page, err := io.CopyN(io.Discard, pr, mostHeld) // in the middle of the servers
	if err != nil {
		t.Fatal(err)
	}
	if grown := heapInUse() - before; grown > 2<<20 {
		t.Errorf("%d bytes more are held while the page is written", grown)
	}
	rest, err := io.Copy(io.Discard, pr)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if size := page + rest; err != nil || size < mostHeld+more<<12 {
		t.Errorf("a page of %d bytes, %v: it tests nothing", size, err)
	}
}

// The page is the same wherever its parts were, and nothing is left of them.
func TestHTMLSpool(t *testing.T) {
	page := func(dir string, held int) string {
		t.Setenv("TMPDIR", dir)
		var b bytes.Buffer
		h := newHTML(&b, Options{}).(*htmlReport)
		h.spool.held = held
		for n := range 5 {
			if err := errors.Join(h.Write(wordy(n)), h.Write(silent(n))); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	dir := t.TempDir()
	want := page(dir, 0)
	if page(dir, mostHeld) != want {
		t.Error("the page is another one out of a file")
	}
	if page(filepath.Join(dir, "missing"), mostHeld) != want {
		t.Error("the page is another one where there can be no file")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left in the directory for temporary files: %v, %v", left, err)
	}
}
