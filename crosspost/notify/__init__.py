"""The ways people are told: mail, webhook, desktop. Who is told what, and when: crosspost.commands.tell."""
