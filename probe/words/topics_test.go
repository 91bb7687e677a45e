package words_test

import (
	"bufio"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"openrelay/internal/mtatest"
	"openrelay/probe/words"
)

// printed is the line of the topic that begins so, for a message to alice.
func printed(t *testing.T, begin string) string {
	t.Helper()
	topic, _ := words.Find(words.Topic, "vanishing-mail")
	line := regexp.MustCompile(`(?m)^  ` + begin + `.*$`).FindString(topic.Page)
	if line == "" {
		t.Fatalf("the topic prints no %q", begin)
	}
	return strings.NewReplacer("bob@example.net", "alice@local.test", "ada@example.org", "alice@local.test").Replace(strings.TrimSpace(line))
}

func served(t *testing.T, config string) *mtatest.Server {
	if testing.Short() {
		t.Skip("starts a real mail server")
	}
	return mtatest.Start(t, config)
}

// arrives waits until root's or alice's mailbox, which are one, holds words.
func arrives(t *testing.T, s *mtatest.Server, words string) {
	t.Helper()
	mail := ""
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if mail = s.Shell(t, "cat /var/mail/* 2>/dev/null || :", ""); strings.Contains(mail, words) {
			return
		}
	}
	t.Fatalf("%q does not arrive:\n%s\n%s", words, mail, s.Log())
}

// What the topic on vanishing mail prints brings the message, and the report of Postfix that it is delivered.
func TestReportsAreAskedFor(t *testing.T) {
	for _, ask := range []struct {
		name string
		by   func(*testing.T, *mtatest.Server)
	}{
		{"by command", func(t *testing.T, s *mtatest.Server) {
			s.Shell(t, "cd /tmp && cat >message && "+printed(t, "sendmail -N"), "Subject: test\n\nhello\n")
		}},
		{"over SMTP", func(t *testing.T, s *mtatest.Server) {
			says(t, s, printed(t, "MAIL FROM"), printed(t, "RCPT TO"), "DATA", "Subject: test\r\n\r\nhello\r\n.")
		}},
	} {
		t.Run(ask.name, func(t *testing.T) {
			s := served(t, "postfix-closed")
			if said := s.Shell(t, printed(t, "sendmail -bV")+" 2>&1 || :", ""); strings.Contains(said, "Exim") {
				t.Errorf("Postfix seems to be Exim: %q", said)
			}
			ask.by(t, s)
			arrives(t, s, "hello")
			arrives(t, s, "Action: delivered")
		})
	}
}

// says says commands after EHLO, each of which must be answered well.
func says(t *testing.T, s *mtatest.Server, commands ...string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for _, line := range append([]string{"", "EHLO client.sender.test"}, commands...) {
		if line != "" {
			fmt.Fprint(conn, line+"\r\n")
		}
		reply := "   -"
		for err == nil && len(reply) > 3 && reply[3] == '-' {
			reply, err = r.ReadString('\n')
		}
		if err != nil || reply[0] != '2' && reply[0] != '3' {
			t.Fatalf("%q was answered %q (%v)", line, reply, err)
		}
	}
}

// Why it warns of Exim: the same command is answered with success, and the message is gone.
func TestEximDoesNotDeliver(t *testing.T) {
	s := served(t, "exim-closed")
	if said := s.Shell(t, printed(t, "sendmail -bV"), ""); !strings.HasPrefix(said, "Exim version ") {
		t.Errorf("Exim does not tell its version: %q", said)
	}
	s.Shell(t, "cd /tmp && cat >message && "+printed(t, "sendmail -N"), "Subject: test\n\nhello\n")
	gone := regexp.MustCompile(` (\S+) \*> alice <alice@local\.test>`) // "*>" is a delivery that is not made
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		m := gone.FindStringSubmatch(s.Log())
		if m == nil || !strings.Contains(s.Log(), m[1]+" Completed") {
			continue
		}
		if mail := s.Shell(t, "cat /var/mail/* 2>/dev/null || :", ""); strings.Contains(mail, "Subject: test") {
			t.Errorf("it is delivered after all:\n%s", mail)
		}
		return
	}
	t.Fatalf("Exim says nothing of it:\n%s", s.Log())
}
