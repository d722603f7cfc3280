"""The room's background work, found by jobs: printing the file of a case. Its input is the case's number and the event that asked."""

from casework.actions.prints import PRINT, make_print

WORK = {PRINT: make_print}
