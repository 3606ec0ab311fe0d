"""Monitoring: owners and admins see who is connected and how the installation does, and can end a session.

A visit begins when the page is opened or its command first asked, lasts while it is asked again, and is closed half a
minute after the last time; both ends are events, and every member can read who watched when. Figures about processes
are the installation's, people are only ever the asker's own workspace. No picture or sound of anybody is here.
"""
