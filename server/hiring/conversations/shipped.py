"""The message templates that a workspace begins with: by name, the words. From then on they are its own."""

SHIPPED = {
    "Invitation to answer": """Hello {first_name},

thank you for your interest in {job}. The next step is a few questions that you answer on camera, whenever it suits \
you. Your personal link leads you there. You can stop at any time and go on later.

If anything is unclear, just write to us here.

{sender}""",
    "Moving forward": """Hello {first_name},

good news: we liked what we saw and would like to go on with you for {job}. We write to you here about the next step.

If you have questions meanwhile, just answer this message.

{sender}""",
    "Not this time": """Hello {first_name},

thank you for your interest in {job} and for the time you gave us. We have decided to go on with other people for this \
job. That is no verdict on you or your work, and we wish you all the best with what you do next.

{sender}, {workspace}""",
    "Still deciding": """Hello {first_name},

we have not forgotten you. We are still deciding about {job} and need a little longer than we thought. We write to you \
as soon as there is news.

Thank you for your patience,
{sender}""",
    "Thank you, next steps": """Hello {first_name},

thank you for your answers. We look at them together now and write to you here when we know more. Until then, there is \
nothing that you need to do.

{sender}""",
}
