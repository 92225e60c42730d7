# plugg in English. Every other language says what this catalogue says, under the same keys.
#
# ## Translate
#
# A language is one file in this folder, named by its tag: `de.ftl`, `fi.ftl`. There is nothing else to do: the build
# finds the file, and `plugg --lang de report` speaks it. The form is Project Fluent, https://projectfluent.org/, which
# Pontoon, Weblate and many editors know.
#
# 1. Copy this file to `TAG.ftl`, and translate what stands right of each `=`. Keys, `{ $names }` and `# comments` stay.
#    What is still missing is said in English, so a half-done language can be tried.
# 2. Titles of areas stand in `decks/areas.toml`: add `title_TAG` (the whole name) and `short_TAG` (at most 22 columns),
#    and `name_TAG` for systems that are no product.
# 3. `cargo test --test plugg locales` says which keys are missing, unknown, or name other values than here.
#
# Numbers. `{ $count }` is written by your language's rule: see `decimal-mark`. A sentence that depends on a number
# has a form for each kind that your language knows (`one`, `few`, `many`, `other`), and for single numbers (`[0]`):
#
#     cards = { $count ->
#         [one] { $count } card
#        *[other] { $count } cards
#     }
#
# Room. Everything has to stand on 80 columns. Where a comment above a message says how many columns it may take, it is
# a label of a table; further columns push others out.
#
# Tone. plugg talks to one colleague: short, plain, friendly without fuss. It says what is, and the next step. Use the
# word that people of the trade use, not the dictionary's; write it new rather than word for word.
#
# Not translated: names of commands and options, keys like Enter and Esc, levels where they are typed or stand in a
# file (foundation, practitioner, expert), error messages, --help, and whatever a program reads (JSON, CSV). Cards are
# in the language of their deck.

## Numbers and dates

# `.` or `,`. With a comma, thousands are parted by a thin space from 10 000 on.
decimal-mark = .
percent = { $number } %
date = { $day } { $month } { $year }
date-with-weekday = { $weekday } { $day } { $month }
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
# Three columns each.
month-short = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
weekday = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
# At most three columns each.
weekday-short = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
}
date-short = { $day } { $month } { $year }
# Ten columns, where the weekday takes three.
day-short = { $weekday } { $day } { $month }
day-and-month = { $day } { $month }
month-and-year = { $month } { $year }
# The year has two digits.
month-in-years = { $month } { $year }
# Intervals stand beside the grades: as short as can be. d: days, y: years.
interval-now = now
interval-days = { $days } d
interval-years = { $years } y

## Levels and areas

# At most twelve columns each.
level-foundation = foundation
level-practitioner = practitioner
level-expert = expert
# At most 22 columns.
area-unsorted = Unsorted
area-all = All areas

## The report

report-nothing = Nothing to report yet. Next: plugg quiz
report-no-cards = No cards yet.
report-heading = What I know, { $date }
report-goal = your goal here: { $level }
# Heads of columns. The first two may take 16 columns each, depth, cover and today 5, holds 12, trend 8, due 4.
report-column-area = area
report-column-system = system
report-column-depth = depth
report-column-holds = holds
report-column-cover = cover
# At most 19 columns.
report-column-recalled = recalled, { $days } days
report-column-today = today
report-column-trend = trend
report-column-due = due
# Share, lower and upper end of the interval in percent, and how many answers: at most 23 columns.
report-share = { $share } % ({ $low }–{ $high }, n { $answers })
report-no-answers = no answers yet
report-too-few = too few answers ({ $answers })
report-fading = { $title }: { $level } no longer held since { $date }
report-slipping = The cards that slip most, and the chance that you know each today
# At most 19 columns.
report-recalled-of = { $recalled }/{ $cards } recalled
report-held = held
report-next-recall = next: { $level }, { $points } points of recall today
report-next-cards = next: { $level }, { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
} to recall a day later; none gained in four weeks
report-next-cards-pace = next: { $level }, { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
} to recall a day later, about { $days ->
    [one] { $days } day
   *[other] { $days } days
} at the pace of four weeks
# Names of at most 21 columns, each with what it means.
report-young = young cards
report-young-meaning = interval under 21 days
report-mature = mature cards
report-mature-meaning = 21 days or more
report-checked = checked answers
report-checked-meaning = the program compared them
report-self-graded = self-graded answers
report-self-graded-meaning = your own word, or a grade that you changed
# What the figures are. Each begins with the head of its column, as above.
report-note-depth = depth: foundation, practitioner, expert: ■ held, □ aimed at, · beyond your goal
report-note-recalled = recalled: right at the first try of a day, a day or more after the last, less luck; 95 % interval
report-note-today = today: the share of all its cards you would know now, unseen ones counting nothing
report-note-cover = cover: cards within your goal recalled a day or more after they were first seen ÷ cards within your goal
report-note-holds = holds: the deepest level of which, with all below it, at least 80 % are covered and the lower end of today's 95 % interval is at least 80 %; until 100 answers were predicted that interval is kept wide
report-note-next = next: the shallowest level not held; cards still to be recalled for four in five, at the pace at which cards were first recalled in the last four weeks
report-note-luck = luck: who does not know a choice of three is right one time in three; of what was right, that share is taken off: known = (right − guess) ÷ (1 − guess)
report-note-trend = trend: the last eight weeks, each the share recalled, from half or less (▁) to all (▇); a dot for a week of fewer than ten answers
report-note-excluded = drills, cramming and imported answers count for none of these; a percentage needs twenty answers
report-prediction-none = prediction: nothing to judge it by yet
report-prediction-few = prediction: too few answers to judge it by ({ $answers })
report-prediction = prediction so far: log loss { $own }, your average alone { $average }, SM-2's curve { $interval } (n { $answers }; lower is better)
report-prediction-poor = The prediction has been worse than your average alone: take `today` with doubt.
# Heads of the table that holds predictions against what came.
report-predicted = predicted
report-recalled = recalled
report-answers = answers
report-few = too few
report-calendar = { $answers ->
    [one] { $answers } answer
   *[other] { $answers } answers
} on { $active } of { $days } days, { $hours } hours; · none … █ { $most } in a day

## The report as a page

page-title = plugg report, { $date }
page-heading = What I know, area by area
# The date follows behind it.
page-of = plugg report of
# Behind a heading, where the page is of one area and a figure is not.
page-all-areas = , all areas
page-known = known today
page-of-cards = of { $cards } cards
page-goals-held = goals held
page-of-areas = of { $count ->
    [one] { $count } area
   *[other] { $count } areas
}
page-of-systems = of { $count ->
    [one] { $count } system
   *[other] { $count } systems
}
page-goal-covered = goal covered
page-due = due
page-on-days = on { $days ->
    [one] { $days } day
   *[other] { $days } days
} of the year
page-shape = Breadth and depth
page-shape-note = Breadth goes down, depth to the right; framed is your goal.
page-levels-figures = Levels in figures
page-level = level
page-cards = cards
page-answers-in = answers, { $days } days
page-year = The year
page-year-figures = The year in figures
page-minutes = minutes
page-new-cards = new cards
page-reviews = reviews
page-ahead = The coming { $days ->
    [one] { $days } day
   *[other] { $days } days
}
page-ahead-figures = The coming days in figures
page-areas = The areas
page-systems = The systems
page-systems-figures = System by system
page-goal = goal
page-to-next = to the next level
page-to-next-meaning = cards still to be recalled a day or more after they were first seen, and the days that takes at the pace of the last four weeks; or how far the lower end of today's interval is below 80 %
page-all-held = all held
page-next-recall = { $level }: { $points } points of recall
page-next-cards = { $level }: { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
}
page-next-days = { $level }: { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
}, { $days ->
    [one] { $days } day
   *[other] { $days } days
}
page-trends = Recalled over time
page-trends-note = A point is the share recalled of at least { $answers } answers, the band its 95 % interval: month by month. All of these charts share one scale.
page-months-figures = Months in figures
page-weeks = { $title }, week by week
page-recalled-in = recalled in { $days } days: { $share }
page-weeks-figures = Weeks in figures
page-week-from = week from
page-prediction = How good the prediction was
page-prediction-poor = The prediction has been worse than your average alone: take today with doubt.
page-prediction-figures = The prediction in figures
page-meaning = What the figures mean
page-coming = the coming days
page-coming-meaning = reviews expected to fall due, and new cards expected to be taken in
page-term-prediction = prediction
page-term-prediction-meaning = each was made before its answer; on the broken line predicted and actual recall agree; bars are 95 % intervals
page-not-counted = not counted
page-not-counted-meaning = drills, cramming and imported answers; a percentage needs twenty answers

## Charts: what a screen reader says of them, and words beside their lines: at most twelve letters for those of the legend

chart-shape-areas = Levels held and goals, area by area
chart-shape-systems = Levels held and goals, system by system
chart-shape-areas-note = { $reached } of { $count ->
    [one] { $count } area
   *[other] { $count } areas
} hold their goal. The table below has each figure.
chart-shape-systems-note = { $reached } of { $count ->
    [one] { $count } system
   *[other] { $count } systems
} hold their goal. The table below has each figure.
chart-held = held
chart-recalled = recalled/cards
chart-goal = your goal
chart-faded = ↓ faded
chart-year = Answers a day, { $weeks } weeks up to { $date }
chart-year-note = { $answers } answers on { $days ->
    [one] { $days } day
   *[other] { $days } days
}.
chart-day = { $date }: { $answers ->
    [one] { $answers } answer
   *[other] { $answers } answers
}
chart-none = none
chart-and-more = { $number } and more
chart-ahead = Cards a day, the coming { $days ->
    [one] { $days } day
   *[other] { $days } days
}
chart-ahead-note = { $sum } in all, at most { $most } a day.
chart-ahead-day = { $date }: { $reviews } reviews, { $new } new
chart-calibration = Predicted and actual recall
chart-calibration-point = predicted { $predicted }, recalled { $recalled }
chart-no-points = Too few answers for any point.
chart-trend = { $title }: share recalled over time
chart-trend-note = { $shown } of { $points } points with enough answers; the last of them { $share } %, between { $low } and { $high } %.
chart-too-few = too few answers

## The forecast

forecast-nothing = No cards yet: nothing to forecast.
# Heads of columns: ten columns for the first two, then 7, 5 and 6.
forecast-day = day
forecast-month = month
forecast-reviews = reviews
forecast-new = new
forecast-left = left
# The title, in two parts: the first stands out, the second says over how long, and how sure it is.
forecast-mean = { $reviews } reviews a day
forecast-span = for { $days } days ({ $fewest }–{ $most })
# What other limits of new cards would do: 11 columns for the limit.
forecast-limit = new a day
forecast-limit-now = { $limit } (now)
forecast-quarters = reviews a day, by quarter
forecast-all-seen = all seen
forecast-unseen = { $cards } left
forecast-left-over = { $cards } left over
forecast-cleared = { $cards } due cards are more than today holds; the backlog is cleared on { $date }.
forecast-not-cleared = { $cards } due cards are more than today holds; the backlog is not cleared within a year.
forecast-piling-up = Reviews will pile up: in a year { $cards } due cards would be left over.
forecast-basis = { $seen } cards seen, { $unseen } new ones wait; recall: new { $first }, young { $young }, mature { $mature }
forecast-note-expected = all figures are expected numbers, if you come every day; of today, what is left of it; of a month, its average day
forecast-note-reviews = reviews: due cards answered, drills not counted; left: due cards that the limits leave for other days
forecast-note-recall = recall: of your counted answers; ≈ mostly assumed, fewer than twenty; a card that is recalled counts as `good`
forecast-note-span = in brackets: reviews a day were your recall at the upper or lower end of what your answers leave open
forecast-note-limit = new a day: the year under today's limit of new cards, then under others

## The quiz: the question

# What the card is asked for, behind its place.
quiz-again = again
quiz-ahead = ahead of its time
quiz-new = new
quiz-minutes-left = { $minutes } min left
quiz-hint = Hint:
quiz-hint-options = { $count } of them are right
quiz-leech = A leech: forgotten { $times } times
quiz-leech-advice = Too much in one card, or look-alikes? Edit it (e), or suspend it (s).

## The quiz: the answer

quiz-right = Right.
quiz-nearly = Nearly.
quiz-wrong = Not right.
quiz-answer = The answer:
# Labels before what was typed and what is right.
quiz-label-typed = you typed
quiz-label-answer = answer
# Of a version: since 1.29.
quiz-since = since { $version }
# The four grades, and those of the six that differ: one short word each.
grade-again = again
grade-hard = hard
grade-good = good
grade-easy = easy
grade-blank = blank
grade-wrong = wrong
grade-almost = almost

## The quiz: keys, and what they do, in the last line: a word or two each

key-show = show the answer
key-answer = answer
key-choose = choose
key-choose-all = choose all that are right, then Enter
key-order = first, second, …
key-done = done
key-take-back = take back
key-hint = hint
key-undo = undo
key-not-now = not now
key-quit = quit
key-keys = keys
key-others = other keys
key-back = back to the answer
key-open-picture = open the picture
key-open-pictures = open the pictures
key-open-sound = open the sound
key-open-sounds = open the sounds
key-open-all = open pictures and sounds

## The quiz: the screen that explains all keys: at most 70 columns each

keys-title = Keys
keys-enter = show the answer; accept the proposed grade
keys-number = choose an option; grade an answer
keys-hint = hint
keys-undo = take the last answer back, as often as you like
keys-not-now = not now: leave the card out of this session
keys-suspend = suspend the card until you resume it
keys-edit = edit the card in your editor
keys-flag = flag the card with a note
keys-open = open the card's pictures and sounds
keys-quit = quit; everything answered is kept
keys-escape = while typing an answer: these keys
keys-back = Any key goes back.

## The quiz: said in passing

notice-nothing-to-take-back = There is no answer to take back.
notice-taken-back = Taken back: the answer graded { $grade } counts no more.
notice-suspended = Suspended: `plugg card resume` brings it back.
notice-flagged = Noted.
notice-edited = Kept. The next version of the deck will not overwrite it.
notice-no-hint = This card has no hint.
notice-leech = Forgotten { $times } times: a leech. Edit it or suspend it when it comes.
notice-overtaken = Another plugg answered this card meanwhile; this answer was kept as practice.
media-none = There is no picture or sound to open.
media-opened = Opened: { $name }
media-failed = { $name } cannot be opened: { $error }
media-unknown = { $name } is no picture, sound or film of a known kind.
# Where the file is follows behind it.
media-without-program = No program can open { $name } here. Until the session ends it is
quiz-flag = What is the matter with this card
quiz-unkept = The answer could not be kept: { $error }
quiz-try-again = Try again?
quiz-edit-again = Edit again?
# Which keys answer yes and no; the letter for yes stands in `yes-letter`, too.
quiz-yes-no = Enter yes, n no
yes-letter = y
# A comment above the text of a card in an editor: one line.
quiz-edit = Your own text of this card. Progress stays; the deck's next version will not overwrite it.

## The quiz over plain lines

plain-show = Enter shows the answer
plain-which = Which
plain-which-all = Which are right
plain-order = In which order
plain-try-again = Try again? [y/n]
plain-help = An empty line shows the answer, or accepts the proposed grade.
plain-no-command = There is no command :{ $command }; :help lists them.
plain-give-order = Give the numbers 1 to { $count } in their right order, like 2 1 3.
plain-give-one = Give a number from 1 to { $count }.
plain-give-all = Give all right numbers from 1 to { $count }, like 1 3.
plain-give-grade = Give one of these numbers, or an empty line.

## The quiz: its beginning and its end

quiz-focus = Go deep where? Space picks up to three; Enter: broad basics everywhere
quiz-decks = decks
quiz-nothing = Nothing to ask now.
quiz-unanswered = Nothing was answered.
quiz-done-quickly = { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
} in under a minute
quiz-done = { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
} in { $minutes } min
quiz-passed = { $passed } right at the first try
quiz-fresh = { $new } new
# Right answers of an area, and its cards.
quiz-of = { $passed } of { $cards }
quiz-time-over = The time is over. Everything answered is kept.
quiz-kept = Everything answered is kept.
quiz-to-drill = { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
} still to drill; the next quiz today begins with them.
quiz-backlog = { $cards } more are overdue: at { $worth } a day, { $days ->
    [one] { $days } day
   *[other] { $days } days
} to go.
quiz-back-any = Come back when you like: nothing is due in the coming week.
quiz-back-tomorrow = Come back tomorrow: { $due } due then, { $week } within a week.
quiz-back-on = Come back on { $weekday }: { $due } due then, { $week } within a week.
quiz-more = `plugg quiz --new 5` takes new cards; `plugg quiz --cram` goes over what you know.

## plugg alone, and plugg due

home-welcome = Welcome. Twenty areas of your trade wait, ten new cards a day.
home-next = Next:
home-today = { $due } due, { $new } new
home-minutes = about { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
home-due = { $due } due
# Before the areas of new cards.
home-new = new: { $areas }
home-and-more = { $names } and { $count } more
home-to-drill = { $cards ->
    [one] { $cards } card
   *[other] { $cards } cards
} of today's still to drill
home-backlog = { $cards } more overdue, for the coming { $days ->
    [one] { $days } day
   *[other] { $days } days
}; new cards wait until then
home-done = All done. { $due ->
    [one] { $due } card is
   *[other] { $due } cards are
} due on { $date }.
home-done-for-a-year = All done. Nothing is due within a year.
home-more = More: plugg quiz --new 5 · plugg quiz --cram · plugg report
