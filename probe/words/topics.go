package words

// ofTopics are pages of advice that belong to no other word.
var ofTopics = []Entry{{
	Word: "vanishing-mail", Kind: Topic, Says: "mail vanishes without a bounce",
	Page: `A server that answered 250 to the message has promised to deliver it or to send a bounce (RFC 5321 6.1). Where
mail vanishes, find first which server said 250 last: the mail is there, or that server knows where it went.

1. The own log has the queue id of the message and the receiver's answer. Look for the recipient:
  Postfix    grep 'to=<bob@example.net>' /var/log/mail.log      status=sent (250 2.0.0 Ok: queued as 9C3)
  Exim       exigrep bob@example.net /var/log/exim4/mainlog     => bob@example.net ... C="250 OK id=1abcDE-..."
  Sendmail   grep 'to=<bob@example.net>' /var/log/mail.log      stat=Sent (ok 9C3)
No line at all: the message never came here. Look at the program that sent it, and at the DNS for a wrong MX.
"deferred": it waits in the queue, and the bounce comes after days (greylisting, a server that is down):
  Postfix    postqueue -p        Exim   exim -bp        Sendmail   mailq
"sent" with a 250: the receiver has it. Give its postmaster the time, your address and its queue id, "9C3".

2. The receiver accepted it and hid it. That is how these look from outside; all of them answer 250:
  the spam folder or a quarantine       ask the recipient to look there
  a block list that only marks or drops openrelay blocklist 203.0.113.9
  a block list of names, for a link     openrelay blocklist example.org
  SPF, DKIM or DMARC with p=quarantine  dig TXT example.org; dig TXT _dmarc.example.org
  a rule or a forward of the recipient  a forward breaks SPF, and the server behind it refuses or drops
  a filter that drops after accepting   only the receiver's log knows
  too much mail at once, a new address  start slowly; providers hide mail of addresses they do not know
Ask the lists first, all at once, for every address your mail leaves from, IPv6 too. The header "Received" of
a message that did arrive says which address that is; it is not always the one you think.

3. It went to another place. The domain's MX may lead to an old server that still accepts everything:
  dig MX example.net
If that server is yours, test whether it takes mail for users it does not know, to drop it later:
  openrelay scan mx:example.net

4. The bounce vanished, not the mail. Bounces have an empty sender, and filters against backscatter throw
them away; a wrong or forged Return-Path sends them to somebody else. Search the log of incoming mail:
  Postfix    grep 'from=<>' /var/log/mail.log
Take mail from <> (RFC 5321 4.5.5), have a mailbox for each sender address you use, and read what it gets:
  openrelay blocklist --bounce ~/Maildir

5. Ask for proof. A request for a success report (RFC 3461) makes the last server that knows it answer;
"relayed" means that the next one does not report, "delivered" that it is in the mailbox. Look first whose
command sendmail is. That of Exim, which tells its version here, takes -N for "do not deliver", and the
message is gone:
  sendmail -bV
With Postfix and Sendmail:
  sendmail -N success,failure,delay bob@example.net < message
With any other, over SMTP, to a server of yours whose reply to EHLO lists DSN; the report goes to the sender:
  MAIL FROM:<ada@example.org>
  RCPT TO:<bob@example.net> NOTIFY=SUCCESS,FAILURE,DELAY
And let the receivers of your mail report by themselves (RFC 7489 7): what they got in your name, from which
addresses, and what they did with it.
  _dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.org"`,
}}
