package main

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/pasted"
	"openrelay/probe/prober"
	"openrelay/report"
)

// mostPasted is how much of a file is read: more than package pasted takes.
const mostPasted = 2 << 20

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// isPath reports what can be nothing but the name of a file, whether there is one or not.
func isPath(name string) bool {
	_, err := parseReply(name)
	return err != nil && strings.ContainsRune(name, filepath.Separator)
}

// explainFile judges the sessions of a file, or of standard input.
func (u *ui) explainFile(name string, p *prober.Prober) error {
	text, err := u.readPasted(name)
	if err != nil {
		return err
	}
	sessions, err := pasted.Read(text)
	if err != nil {
		if name == "-" {
			name = "standard input"
		}
		return &usageError{fmt.Sprintf("%s: %v", name, err), "swaks --quit-after RCPT --to stranger@example.org --server HOST | openrelay explain -"}
	}
	p.Vectors = probe.Vectors
	for i, group := range together(sessions) {
		if i > 0 {
			u.print("\n")
		}
		r := judged(p, sessions, group)
		u.print("%s", r.Text(u.look("-")))
	}
	return nil
}

func (u *ui) readPasted(name string) (string, error) {
	var in io.Reader = u.input
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return "", &usageError{fmt.Sprintf("cannot read %q: %v", name, reason(err)), "openrelay explain -"}
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, mostPasted))
	if err != nil {
		return "", &usageError{fmt.Sprintf("cannot read %q: %v", name, reason(err)), "openrelay explain -"}
	}
	return string(text), nil
}

// together groups sessions, by their numbers, that are judged together: those of one client with one server. In our own
// evidence all with one server are, since openrelay gives itself other names.
func together(sessions []pasted.Session) (groups [][]int) {
	type side struct {
		addr         netip.Addr
		client       netip.Addr
		server, helo string
		from         string
	}
	index := make(map[side]int)
	for i, s := range sessions {
		key := side{s.Addr.Addr(), s.Client, strings.ToLower(s.Server), heloName(s.Transcript), s.From}
		if s.IsEvidence() {
			key = side{addr: key.addr, server: key.server, from: s.From}
		}
		if _, ok := index[key]; !ok {
			index[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[index[key]] = append(groups[index[key]], i)
	}
	return groups
}

// heloName is how the client of a session introduced itself.
func heloName(t dialogue.Transcript) string {
	for _, l := range t {
		verb, name, _ := strings.Cut(strings.TrimSpace(l.Data), " ")
		if l.From == dialogue.Client && (strings.EqualFold(verb, "EHLO") || strings.EqualFold(verb, "HELO")) {
			return strings.ToLower(name)
		}
	}
	return ""
}

// judged judges the sessions of a group.
func judged(p *prober.Prober, sessions []pasted.Session, group []int) *report.Pasted {
	var these []pasted.Session
	r := new(report.Pasted)
	for _, i := range group {
		these = append(these, sessions[i])
		for _, doubt := range sessions[i].Doubt {
			if !slices.Contains(r.Doubts, doubt) {
				r.Doubts = append(r.Doubts, doubt)
			}
		}
	}
	if r.Sessions = these[0].From; len(sessions) > 1 {
		r.Sessions = fmt.Sprintf("%s of %d: %s", numbers(group), len(sessions), these[0].From)
	}
	got := p.Judge(these)
	r.Result, r.Rests, r.NotAsked, r.Again = *got.Result, got.Rests, got.NotAsked, got.Again
	for _, m := range got.Missing {
		r.Missing = append(r.Missing, report.Missing(m))
	}
	r.Name = cmp.Or(these[0].Server, got.Server)
	return r
}

// numbers names sessions of a text, which count from 1.
func numbers(group []int) string {
	var b strings.Builder
	for n, i := range group {
		if n > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d", i+1)
	}
	return b.String()
}
