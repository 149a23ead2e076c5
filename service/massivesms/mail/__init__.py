"""Mail: the talk with an SMTP server, and the form of what is handed over.

The only room that knows smtplib. It opens no database and decides nothing: an outcome
says what came of a try, and the engine what follows from it.
"""
