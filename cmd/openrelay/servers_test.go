package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"openrelay/scanner/demo"
)

// staged is the mail server of a script whose configuration changes: $STAGING is its address, and
// `serves CONFIG [FILE]` starts it anew, once there is such a file. Until then nothing listens there.
type staged struct {
	addr    string
	mu      sync.Mutex
	stopped bool
	running net.Listener
	ended   sync.WaitGroup
}

type stagedKey struct{}

// stagings are the configurations.
var stagings = map[string]func() *demo.Script{
	"closed": func() *demo.Script { return &demo.Script{} },
	"open": func() *demo.Script {
		return &demo.Script{Rcpt: func(demo.Dialogue) string { return "250 2.1.5 Ok" }}
	},
	"forged": func() *demo.Script { // trusts the senders of its own domain
		return &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if d.From == "<audit@local.test>" {
				return "250 2.1.5 Ok"
			}
			return ""
		}}
	},
	"hidden": func() *demo.Script { // says nothing of its software, and speaks as Courier does
		return &demo.Script{Rcpt: func(d demo.Dialogue) string {
			if d.From != "<audit@local.test>" {
				return "513 Relaying denied."
			}
			return "250 Ok."
		}}
	},
	"greylist": func() *demo.Script {
		return &demo.Script{Rcpt: func(demo.Dialogue) string { return "450 4.2.0 Greylisted, try again in 300 seconds" }}
	},
	"renamed": func() *demo.Script { return &demo.Script{Greeting: "220 mx.local.test ESMTP Exim 4.98"} },
	"hostile": func() *demo.Script {
		const bad = "::error::pwned ##[error]pwned ##vso[task.complete]pwned \x1b[31m"
		return &demo.Script{
			Greeting: "220-" + bad + "\n220 " + bad,
			Rcpt:     func(demo.Dialogue) string { return "550-" + bad + "\n550 ::error::pwned" },
		}
	},
}

// newStaged finds a port to serve on, below those that the kernel hands out: while the server is down
// no connection may take it.
func newStaged() (*staged, error) {
	for tries := 0; ; tries++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000)))
		if err == nil {
			return &staged{addr: l.Addr().String()}, l.Close()
		}
		if tries == 100 {
			return nil, err
		}
	}
}

// serves is the command of scripts.
func serves(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 || stagings[args[0]] == nil {
		ts.Fatalf("usage: serves CONFIG [FILE]")
	}
	s := ts.Value(stagedKey{}).(*staged)
	if len(args) == 1 {
		ts.Check(s.start(stagings[args[0]]()))
		return
	}
	file := ts.MkAbs(args[1])
	s.ended.Go(func() {
		for !s.over() && !exists(file) {
			time.Sleep(10 * time.Millisecond)
		}
		if err := s.start(stagings[args[0]]()); err != nil {
			ts.Logf("serves: %v", err)
		}
	})
}

// start ends the server as it was, and starts it with another configuration.
func (s *staged) start(script *demo.Script) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		_ = s.running.Close()
	}
	if s.stopped {
		return nil
	}
	l, err := net.Listen("tcp", s.addr)
	for tries := 0; err != nil && tries < 3000; tries++ { // a process being started may hold the old one for a moment
		time.Sleep(20 * time.Millisecond)
		l, err = net.Listen("tcp", s.addr)
	}
	if err != nil {
		return err
	}
	s.running = l
	s.ended.Go(func() { _ = script.Serve(l) }) // until the listener is closed
	return nil
}

func (s *staged) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func (s *staged) stop() {
	s.mu.Lock()
	s.stopped = true
	if s.running != nil {
		_ = s.running.Close()
	}
	s.mu.Unlock()
	s.ended.Wait()
}
