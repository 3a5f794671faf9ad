import { expect, test } from 'vitest'
import { splitSentences } from './sentences.ts'

/** Each row is a text in pieces: one sentence each, with the white space around it. */
const CASES: string[][] = [
  ['Hello world. ', 'How are you?'],
  ['Dr. Smith met Mrs. Jones. ', 'They talked.'],
  ['J. R. R. Tolkien wrote it. ', 'George W. Bush read it.'],
  ['He paid $3.14 for it. ', 'Then he left.'],
  ['“Really?” he asked. ', '“Yes!” she said.'],
  ['“Really?” Anna asked. ', 'Nobody answered.'],
  ['“Stop!” ', 'He said nothing.'],
  ['"Is it late?" the old man asked. ', '"No."'],
  ['He lives in the U.S. and likes it.'],
  ['He moved to the U.S. ', 'He likes it there.'],
  ['The U.S. Embassy was closed.'],
  ['Acme Inc. announced it. ', 'Shares fell.'],
  ['He works at Acme Inc. ', 'The pay is good.'],
  ['See No. 5 for details. ', 'It is short.'],
  ['I said no. ', 'Nobody listened.'],
  ['Use tools, e.g. a hammer, i.e. something hard. ', 'Done.'],
  ['Wait... what? ', 'I mean... no.'],
  ['Well… I know… ', 'That is it.'],
  ['Visit https://example.com/a?b=c.d for more. ', 'Thanks!'],
  ['Mail me at a.b@example.com. ', 'Bye.'],
  ['Version 2.0.1 is out. ', 'Upgrade now!'],
  ['It is 5 p.m. EST now. ', 'Go home.'],
  ['We met at 10 a.m. ', 'Everyone was late.'],
  ['The train leaves at 9.30 a.m. on Monday.'],
  ['He has a Ph.D. in physics. ', 'She has an M.D. ', 'They married.'],
  ['Title without stop\n\n', 'The first sentence. ', 'The second.'],
  ['First line\n', 'Second line\n', 'Third line'],
  ['- Item one\n', '- Item two\n', '- Item three'],
  ['1. Open the door.\n', '2. Walk in.\n', '3. Close it.'],
  ['Do this: 1. Open the door. ', '2. Walk in.'],
  ['This line was broken by a program because it was long enough\nto need it. ', 'This one follows.'],
  ['This is a much longer line that an editor has wrapped at seventy or so\nColumns in a terminal window. ', 'Good.'],
  ['今天天气很好。', '我们去公园吧！', '你来吗？'],
  ['彼は来た。', '「本当？」と彼女は言った。', '終わり。'],
  ['هل أنت بخير؟ ', 'نعم، أنا بخير. ', 'شكرا.'],
  ['यह एक वाक्य है। ', 'यह दूसरा है।'],
  ['Он пришёл. ', 'Она ушла!'],
  ['Ich traf Dr. Müller am 3. Oktober in Bonn. ', 'Es regnete.'],
  ['Das ist z.B. ein Test. ', 'Gut.'],
  ['Das Treffen war am 3. Oktober 1990.'],
  ['Das ist z. B. gut, d. h. fein. ', 'Gut.'],
  ['Der 2. Weltkrieg war im 20. Jahrhundert. ', 'Er endete 1945.'],
  ['Er sagte: „Ich komme.“ ', 'Dann ging er. ', '„Wirklich?“, fragte sie.'],
  ['Il a dit : « Je viens. » ', 'Puis il est parti. ', '« Vraiment ? » demanda-t-elle.'],
  ['Т. е. так и есть. ', 'Ул. Ленина, д. 5. ', 'Это дом.'],
  ['Τι κάνεις; ', 'Καλά, και εσύ\u037e ', 'Καλά.'],
  ['He was born in 1998. ', 'The year was hot.'],
  ['In 1998. ', 'That was it.'],
  ['The company was founded in 1976.[12] ', 'It grew fast.[3][4] ', 'Then it fell.'],
  ['He left (it was late. He was tired.) and slept.'],
  ['(This stands alone.) ', 'Next one.'],
  ['He said, “I came. ', 'I saw. ', 'I won.” ', 'Then he sat.'],
  ['hello there. ', 'how are you? ', 'i am fine.'],
  ['What?! ', 'No way!!! ', 'Really.'],
  ['Vitamin C. ', 'It helps.'],
  ['So did I. ', 'Tom left.'],
  ['I like iPhones. ', 'iPhone sales rose.'],
  ['Yahoo! is old.'],
  ['It cost approx. 5 dollars. ', 'Cheap.'],
  ['Smith et al. showed that. ', 'Others agree.'],
  ['See Fig. 3 and pp. 4 ff. for more.'],
  ['He arrived on Jan. 5 and left on Feb. 7. ', 'Nice.'],
  ['It was in the sun. ', 'Mary liked it.'],
  ['Apples, pears, etc. ', 'They are fruit.'],
  ['Bring pens, paper, etc. for the test.'],
  ['She asked: "Why?" ', '"Because," he said.'],
  ['St. Louis is in Missouri. ', 'Mt. Everest is not.'],
  ['Gen. Lee and Lt. Col. Grant met at Ft. Sumter.'],
  ['Brown v. Board of Education was decided in 1954. ', 'It mattered.'],
  ['He scored 3. ', 'Then 4. ', '5 were missed.'],
  ['“We won.” ', 'The crowd cheered.'],
  ['‘Go!’ she cried. ', 'He went.'],
  ['Is it 3.14? ', 'Yes, 3.14!'],
  ['One . . . two . . . three. ', 'Four.'],
  ['No stop at all'],
  ['   Leading space. ', 'Trailing.   '],
  ['Line one.\r\n', 'Line two.'],
  ['She works at 5 St. James St. in London. ', 'Nice.'],
  ['«Где ты?» спросил он. ', 'Она молчала.'],
  ['“真的吗？”他问。', '“我走了。”', '他站起来。'],
  ['３．１４は円周率。', '次。'],
  ['အဲဒါ ကောင်းတယ်။ ', 'ဟုတ်တယ်။'],
  ['Բարև։ ', 'Ինչպես ես։'],
  ['እንዴት ነህ። ', 'ደህና ነኝ።'],
  ['He said "hi." ', 'She said "bye."'],
  ['It works (see below). ', 'Good.'],
  ['Mr. and Mrs. Dr. Who came in at 3:15 p.m. ', 'They sat.'],
  ['The temperature was −3.5 °C. ', 'It froze.'],
  ['John F. Kennedy was shot. ', 'Lee H. Oswald did it.'],
  ['Who did it? ', 'J. Doe did.'],
  ['😀 Great! ', '😀 Again. ', '👍'],
  ['Point a. is wrong. ', 'Point b. is right.'],
  ['A. Einstein was born in Ulm. ', 'He left.'],
  ['The answer is C. ', 'The others are wrong.'],
  ['* First bullet\n', '* Second bullet'],
  ['Chapter 1\n', 'It was a dark night. ', 'Rain fell.'],
  ['We offer:\n', 'apples\n', 'pears'],
  ['Sad :( I know. ', 'But it is fine :)'],
  ['The house is on Main St. ', 'The garden is big.'],
  ['А. С. Пушкин родился в г. Москва. ', 'Он поэт.'],
  ['डॉ. शर्मा आए। ', 'वे गए।'],
  ['It was written by J. A. Hobson and R. A. Dickey. ', 'It sold well.'],
  ['It was assigned c. 1933 and renamed in 1950. ', 'Later it closed.'],
  ['They (J. Doe and Acme Inc.) agreed. ', 'Then they met.'],
]

function sentences(text: string): string[] {
  return splitSentences(text).map(({ start, end }) => text.slice(start, end))
}

test.each(CASES)('splits %j', (...pieces) => {
  expect(sentences(pieces.join(''))).toEqual(pieces.map((piece) => piece.trim()))
})

test('the table is not shorter than it should be', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(90)
})

test('nothing but white space is lost, and spans are in order', () => {
  for (const text of [...CASES.map((pieces) => pieces.join('')), CASES.flat().join(' '), CASES.flat().join('\n\n')]) {
    let end = 0
    let kept = ''
    for (const span of splitSentences(text)) {
      expect(span.start).toBeGreaterThanOrEqual(end)
      expect(text.slice(end, span.start).trim()).toBe('')
      const sentence = text.slice(span.start, span.end)
      expect(sentence).toBe(sentence.trim())
      expect(sentence).not.toBe('')
      kept += sentence
      end = span.end
    }
    expect(text.slice(end).trim()).toBe('')
    expect(kept.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
  }
})

test('without abbreviations it agrees with Intl.Segmenter in every script', () => {
  const texts = [
    'Où es-tu ? Je suis là ! Bien.',
    'Что это? Это дом. Он большой!',
    'これは本です。あれは何ですか？机です！',
    '这是一本书。你好吗？很好！',
    'هذا كتاب. أين أنت؟ أنا هنا!',
    'यह किताब है। तुम कहाँ हो? मैं यहाँ हूँ।',
    'זה ספר. איפה אתה? אני כאן!',
    '이것은 책입니다. 어디예요? 여기 있어요!',
    'ეს წიგნია. სად ხარ? აქ ვარ!',
    'ይህ መጽሐፍ ነው። የት ነህ። እዚህ ነኝ።',
    'Սա գիրք է։ Ես այստեղ եմ։',
    'ဒါက စာအုပ်။ ငါ ဒီမှာ။',
    'یہ کتاب ہے۔ تم کہاں ہو؟ میں یہاں ہوں۔',
  ]
  const segmenter = new Intl.Segmenter('und', { granularity: 'sentence' })
  for (const text of texts) {
    expect(sentences(text)).toEqual(Array.from(segmenter.segment(text), ({ segment }) => segment.trim()))
    expect(sentences(text).length).toBeGreaterThan(1)
  }
})

test('empty and blank texts have no sentences', () => {
  for (const text of ['', ' ', '\n\n\t', '\u2003']) expect(splitSentences(text)).toEqual([])
})

test('two million characters of anything take no more than a few seconds of work', () => {
  for (const piece of ['a', '. ', '(', '(a. ', '"! ', '." ', '[12]', 'J. ', '。', '…I ', '\r\n  ', '- a\n', '“A. ']) {
    const text = piece.repeat(2_000_000 / piece.length)
    const start = process.cpuUsage()
    splitSentences(text)
    // Time of the process, not of the clock: other programs may have the machine.
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1e6, JSON.stringify(piece)).toBeLessThan(10)
  }
})
