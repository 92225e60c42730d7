# plugg på svenska. Hur man översätter står överst i en.ftl.

## Tal och datum

decimal-mark = ,
percent = { $number } %
date = { $day } { $month } { $year }
date-with-weekday = { $weekday } { $day } { $month }
month = { $month ->
    [1] januari
    [2] februari
    [3] mars
    [4] april
    [5] maj
    [6] juni
    [7] juli
    [8] augusti
    [9] september
    [10] oktober
    [11] november
   *[12] december
}
month-short = { $month ->
    [1] jan
    [2] feb
    [3] mar
    [4] apr
    [5] maj
    [6] jun
    [7] jul
    [8] aug
    [9] sep
    [10] okt
    [11] nov
   *[12] dec
}
weekday = { $weekday ->
    [1] måndag
    [2] tisdag
    [3] onsdag
    [4] torsdag
    [5] fredag
    [6] lördag
   *[7] söndag
}
weekday-short = { $weekday ->
    [1] mån
    [2] tis
    [3] ons
    [4] tors
    [5] fre
    [6] lör
   *[7] sön
}
interval-now = nu
interval-days = { $days } d
interval-years = { $years } år

## Nivåer och områden

level-foundation = grund
level-practitioner = kunnig
level-expert = expert
area-unsorted = Osorterat
area-all = Alla områden

## Rapporten

report-nothing = Inget att rapportera än. Börja med: plugg quiz
report-no-cards = Inga kort än.
report-heading = Det här kan jag, { $date }
report-goal = ditt mål här: { $level }
report-column-area = område
report-column-system = system
report-column-depth = djup
report-column-holds = nivå
report-column-cover = täckt
report-column-recalled = mindes, { $days } dagar
report-column-today = i dag
report-column-trend = trend
report-column-due = dags
report-share = { $share } % ({ $low }–{ $high }, n { $answers })
report-no-answers = inga svar än
report-too-few = för få svar ({ $answers })
report-fading = { $title }: nivån { $level } håller inte längre, sedan { $date }
report-recalled-of = { $recalled } av { $cards } sitter
report-held = nådd
report-next-recall = nästa: { $level }, det saknas { $points ->
    [one] { $points } procentenhet
   *[other] { $points } procentenheter
} i dag
report-next-cards = nästa: { $level }, { $cards } kort ska sitta dagen efter; inget nytt på fyra veckor
report-next-cards-pace = nästa: { $level }, { $cards } kort ska sitta dagen efter, { $days ->
    [one] ungefär en dag
   *[other] ungefär { $days } dagar
} i nuvarande takt
report-young = unga kort
report-young-meaning = intervall under 21 dagar
report-mature = mogna kort
report-mature-meaning = 21 dagar eller mer
report-checked = rättade svar
report-checked-meaning = programmet jämförde dem
report-self-graded = självrättade svar
report-self-graded-meaning = din bedömning, eller ändrat betyg
report-note-depth = djup: grund, kunnig, expert: ■ nådd, □ ditt mål, · bortom målet
report-note-recalled = mindes: rätt på dagens första försök, minst en dag efter det förra, minus ren tur; 95 % konfidensintervall
report-note-today = i dag: så stor del av alla korten skulle du kunna just nu; kort du aldrig har sett räknas som noll
report-note-cover = täckt: kort inom ditt mål som du mindes minst en dag efter att du först såg dem ÷ kort inom ditt mål
report-note-holds = nivå: den djupaste nivån där, tillsammans med allt under den, minst 80 % är täckt och undre gränsen för dagens 95-procentsintervall är minst 80 %; intervallet hålls brett tills 100 svar har förutsagts
report-note-next = nästa: den grundaste nivån du inte har nått; kort som återstår innan fyra av fem sitter, i den takt som nya kort har satt sig de senaste fyra veckorna
report-note-luck = tur: den som gissar bland tre svar får rätt en gång av tre; den andelen dras av från de rätta svaren: kan = (rätt − gissat) ÷ (1 − gissat)
report-note-trend = trend: de senaste åtta veckorna, andelen du mindes per vecka, från hälften eller mindre (▁) till allt (▇); en punkt för en vecka med färre än tio svar
report-note-excluded = nötning, råplugg och importerade svar räknas inte med någonstans; en procentsats kräver tjugo svar
report-prediction-none = prognos: inget att bedöma den efter än
report-prediction-few = prognos: för få svar att bedöma den efter ({ $answers })
report-prediction = prognos hittills: log loss { $own }, enbart ditt snitt { $average }, SM-2:s kurva { $interval } (n { $answers }; lägre är bättre)
report-prediction-poor = Prognosen har varit sämre än enbart ditt snitt: ta ”i dag” med en nypa salt.
report-predicted = prognos
report-recalled = mindes
report-answers = svar
report-few = för få
report-calendar = { $answers } svar på { $active } av { $days } dagar, { $hours } timmar; · inga … █ { $most } på en dag

## Förhöret: frågan

quiz-again = igen
quiz-ahead = i förväg
quiz-new = nytt
quiz-minutes-left = { $minutes } min kvar
quiz-hint = Ledtråd:
quiz-hint-options = { $count } av dem är rätt
quiz-leech = En blodigel: glömd { $times } gånger
quiz-leech-advice = För mycket på ett kort, eller lätt att blanda ihop? Ändra (e) eller pausa det (s).

## Förhöret: svaret

quiz-right = Rätt.
quiz-nearly = Nästan.
quiz-wrong = Inte rätt.
quiz-answer = Svaret:
quiz-label-typed = du skrev
quiz-label-answer = svar
quiz-since = sedan { $version }
grade-again = igen
grade-hard = svårt
grade-good = bra
grade-easy = lätt
grade-blank = tomt
grade-wrong = fel
grade-almost = nästan

## Förhöret: tangenterna på sista raden

key-show = visa svaret
key-answer = svara
key-choose = välj
key-choose-all = välj alla som är rätt, sedan Enter
key-order = först, sedan, …
key-done = klart
key-take-back = ta tillbaka
key-hint = ledtråd
key-undo = ångra
key-not-now = inte nu
key-quit = avsluta
key-keys = tangenter
key-others = fler tangenter
key-back = tillbaka till svaret
key-open-picture = öppna bilden
key-open-pictures = öppna bilderna
key-open-sound = öppna ljudet
key-open-sounds = öppna ljuden
key-open-all = öppna bilder och ljud

## Förhöret: alla tangenter

keys-title = Tangenter
keys-enter = visa svaret; godta det föreslagna betyget
keys-number = välj ett alternativ; betygsätt ett svar
keys-hint = ledtråd
keys-undo = ta tillbaka senaste svaret, hur många gånger du vill
keys-not-now = inte nu: hoppa över kortet den här gången
keys-suspend = pausa kortet tills du tar upp det igen
keys-edit = ändra kortet i din editor
keys-flag = skriv en anmärkning om kortet
keys-open = öppna kortets bilder och ljud
keys-quit = avsluta; alla svar är sparade
keys-escape = medan du skriver ett svar: de här tangenterna
keys-back = Tryck på valfri tangent för att gå tillbaka.

## Förhöret: i förbifarten

notice-nothing-to-take-back = Det finns inget svar att ta tillbaka.
notice-taken-back = Ångrat: svaret med betyget { $grade } räknas inte längre.
notice-suspended = Pausat: `plugg card resume` tar upp det igen.
notice-flagged = Noterat.
notice-edited = Sparat. Nästa version av kortleken skriver inte över det.
notice-no-hint = Det här kortet har ingen ledtråd.
notice-leech = Glömt { $times } gånger: en blodigel. Ändra eller pausa kortet när det dyker upp.
notice-overtaken = En annan plugg hann svara på kortet; det här svaret sparades som övning.
media-none = Det finns ingen bild och inget ljud att öppna.
media-opened = Öppnat: { $name }
media-failed = { $name } kan inte öppnas: { $error }
media-unknown = { $name } är ingen bild, film eller ljudfil av känt slag.
media-without-program = Inget program här kan öppna { $name }. Tills förhöret är slut finns filen på
quiz-flag = Vad är det för fel på kortet
quiz-unkept = Svaret kunde inte sparas: { $error }
quiz-try-again = Försöka igen?
quiz-edit-again = Redigera igen?
quiz-yes-no = Enter ja, n nej
yes-letter = j
quiz-edit = Din egen text på kortet. Framstegen finns kvar; nästa version av kortleken skriver inte över den.

## Förhöret rad för rad

plain-show = Enter visar svaret
plain-which = Vilket
plain-which-all = Vilka är rätt
plain-order = I vilken ordning
plain-try-again = Försöka igen? [j/n]
plain-help = En tom rad visar svaret, eller godtar det föreslagna betyget.
plain-no-command = Kommandot :{ $command } finns inte; :help visar vilka som finns.
plain-give-order = Skriv talen 1 till { $count } i rätt ordning, till exempel 2 1 3.
plain-give-one = Skriv ett tal från 1 till { $count }.
plain-give-all = Skriv alla rätta tal från 1 till { $count }, till exempel 1 3.
plain-give-grade = Skriv ett av talen, eller lämna raden tom.

## Förhöret: början och slutet

quiz-focus = Vad vill du kunna på djupet? Mellanslag väljer upp till tre; Enter: bred grund överallt
quiz-decks = kortlekar
quiz-nothing = Inget att fråga om just nu.
quiz-unanswered = Inga frågor besvarades.
quiz-done-quickly = { $cards } kort på under en minut
quiz-done = { $cards } kort på { $minutes } min
quiz-passed = { $passed } rätt på första försöket
quiz-fresh = { $new ->
    [one] { $new } nytt
   *[other] { $new } nya
}
quiz-of = { $passed } av { $cards }
quiz-time-over = Tiden är ute. Alla svar är sparade.
quiz-kept = Alla svar är sparade.
quiz-to-drill = { $cards } kort kvar att nöta; nästa förhör i dag börjar med { $cards ->
    [one] det
   *[other] dem
}.
quiz-backlog = { $cards } till ligger efter: med { $worth } om dagen tar det { $days ->
    [one] { $days } dag
   *[other] { $days } dagar
}.
quiz-back-any = Kom tillbaka när du vill: inget att repetera den närmaste veckan.
quiz-back-tomorrow = Kom tillbaka i morgon: { $due } att repetera då, { $week } inom en vecka.
quiz-back-on = Kom tillbaka på { $weekday }: { $due } att repetera då, { $week } inom en vecka.
quiz-more = `plugg quiz --new 5` ger nya kort; `plugg quiz --cram` går igenom det du kan.

## plugg ensamt, och plugg due

home-welcome = Välkommen. Tjugo områden i ditt yrke väntar, tio nya kort om dagen.
home-next = Nästa steg:
home-today = { $due } att repetera, { $new ->
    [one] { $new } nytt
   *[other] { $new } nya
}
home-minutes = ungefär { $minutes ->
    [one] { $minutes } minut
   *[other] { $minutes } minuter
}
home-due = { $due } att repetera
home-new = nya: { $areas }
home-and-more = { $names } och { $count } till
home-to-drill = { $cards } av dagens kort kvar att nöta
home-backlog = { $cards } till ligger efter, för { $days ->
    [one] morgondagen
   *[other] de närmaste { $days } dagarna
}; nya kort väntar så länge
home-done = Klart för i dag. { $due } kort att repetera { $date }.
home-done-for-a-year = Klart för i dag. Inget att repetera på ett år.
home-more = Mer: plugg quiz --new 5 · plugg quiz --cram · plugg report
