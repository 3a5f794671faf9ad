/** What a full stop may belong to besides the end of a sentence. Lower case; compared without the last stop. */

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** A name or a noun follows: a stop after these never ends a sentence. */
export const TITLES = words(
  'mr mrs ms mx dr prof rev fr hon pres gov sen rep amb gen col capt lt sgt cpl maj cmdr adm msgr mt messrs mme ' +
    'mlle sra srta dra hr dipl ing v vs cf viz approx ca bzw evtl ggf e.g i.e eg ie z.b d.h u.a p.ej г ул им проф डॉ',
)

/** A number follows; before anything else these are words like others, or end a sentence. */
export const BEFORE_NUMBERS = words(
  'c no nos nr nº fig figs eq eqs sec secs ch chap vol vols art arts p pp pg op ver ex par tab ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun д стр рис',
)

/** May stand inside a sentence or at its end; what follows decides. */
export const EITHER = words(
  'inc ltd co corp llc plc bros etc jr sr esq al ave blvd rd sq dept univ assn est st ft ph.d m.d b.a m.a b.sc m.sc usw cie',
)

/** Words that follow the end of a sentence far more often than an abbreviation or an initial. */
export const STARTERS = words(
  'the a an this that these those it its he she they we you i his her their our my your there here in on at by for from ' +
    'with as if when while after before since because although though however but and or so then thus yet still also ' +
    'meanwhile moreover furthermore therefore instead what who where why how which is are was were do does did can ' +
    'could will would should no not yes nor neither once until unless despite during under over between both each ' +
    'every all some many most few several one two three another such today yesterday tomorrow now later',
)

/** Verbs that go on after quoted speech: “Really?” Anna asked. */
export const SPEECH = words(
  'said says asked asks replied replies added adds cried shouted whispered answered explained told wrote exclaimed ' +
    'called murmured muttered yelled continued wondered thought remarked demanded insisted snapped laughed screamed',
)

/** German: am 3. Oktober, im 19. Jahrhundert */
export const AFTER_ORDINALS = words(
  'januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert jahrhunderts',
)
