package prober

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/internal/variants"
	"openrelay/probe/dialogue"
	"openrelay/probe/wire"
)

// What may be left of a server's words: two codes at most, and of a remark what is ours.
var leftOfReply = regexp.MustCompile(`^([1-5][0-9][0-9] ([245]\.[0-7]\.[0-9]{1,2} )?)?` + regexp.QuoteMeta(leftOut) + `$`)

// FuzzLeftOut: whatever a server says in the session of a login, in replies, in what is none, and in the errors that
// quote it, nothing of it is kept but codes; and nothing of the password in our own commands.
func FuzzLeftOut(f *testing.F) {
	const password = "Xq7-Zk9_Wv3!Jp5"
	encode := base64.StdEncoding.EncodeToString
	var seeds []string
	for _, form := range []string{password, encode([]byte(password)), encode([]byte("a" + password + "b")), encode([]byte("ab" + password)), hex.EncodeToString([]byte(password)),
		strings.ToUpper(hex.EncodeToString([]byte(password))), url.QueryEscape(password), strings.Join(strings.Split(password, ""), " "), reversed(password)} {
		seeds = append(seeds, "535 5.7.8 "+form+"\r\n", "535-"+form[:5]+"\r\n535 "+form[5:]+"\r\n", form, "250-5.88.113 "+form+"\n250 2.1.5 x\r\n", "5"+form, "after "+form, "TLS begun: "+form)
	}
	for text := range variants.Of(5000, seeds...) {
		f.Add(text)
	}
	l := &login{p: &Prober{Account: &Account{User: "ada", Password: password}}}
	f.Fuzz(func(t *testing.T, said string) {
		heard := dialogue.Transcript{{From: dialogue.Client, Data: "AUTH PLAIN " + encode([]byte("\x00ada\x00"+password)) + "\r\n"}, {From: dialogue.Client, Data: encode([]byte(password)) + "\r\n"}}
		for line := range strings.SplitAfterSeq(said, "\n") {
			heard = append(heard, dialogue.Line{From: dialogue.Server, Data: line})
		}
		for _, sentinel := range failures {
			heard = append(heard, dialogue.Line{From: dialogue.Note, Data: fmt.Errorf("%w: %q", sentinel, said).Error()})
		}
		heard = append(heard, dialogue.Line{From: dialogue.Note, Data: said}, dialogue.Line{From: dialogue.Server, Data: said})
		before := slices.Clone(heard)
		kept := withoutText(heard, l.secrets())
		if !slices.Equal(heard, before) {
			t.Error("the transcript itself was changed")
		}
		for _, line := range kept {
			text := strings.TrimSuffix(line.Data, "\r\n")
			switch line.From {
			case dialogue.Server:
				if !leftOfReply.MatchString(text) {
					t.Errorf("of %q is left %q", said, text)
				}
			case dialogue.Note:
				ours := slices.ContainsFunc(failures, func(err error) bool { return text == err.Error() })
				if !ours && !ownNote.MatchString(text) && text != "the connection failed" {
					t.Errorf("of %q is left the remark %q", said, text)
				}
			case dialogue.Client:
				if text != "AUTH PLAIN "+hidden && text != hidden {
					t.Errorf("a command is %q", text)
				}
			}
		}
		if r, err := dialogue.ParseReply(said); err == nil && !leftOfReply.MatchString(codesOf(r)) {
			t.Errorf("of %q is left %q", said, codesOf(r))
		}
	})
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// An error of a login is told in our words, whatever it quotes.
func TestFailureSays(t *testing.T) {
	for _, sentinel := range failures {
		if got := failureSays(fmt.Errorf("%w: %q", sentinel, "hunter2").Error()); got != sentinel.Error() {
			t.Errorf("%v: %q", sentinel, got)
		}
	}
	for _, err := range []error{errors.New("hunter2"), fmt.Errorf("hunter2: %w", wire.ErrClosed)} {
		if got := failureSays(err.Error()); got != "the connection failed" {
			t.Errorf("%v: %q", err, got)
		}
		if got := unverified(err); strings.Contains(got, "hunter2") {
			t.Errorf("%v: %q", err, got)
		}
	}
}
