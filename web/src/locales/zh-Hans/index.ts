/** 简体中文: all the words of the client in one piece. */
import core from './core.json';
import kit from './kit.json';

export default { ...core, ...kit };
